import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RealCluster } from '../../support/real-cluster.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { writeLoadReport } from './load-report-file.ts';
import { startShopLoad } from './shop-load.ts';
import { createShop, releaseVersion } from './shops.ts';
import { shutdownOrder } from './shutdown-order.ts';

const ROUNDS = 20;
/** Of all rounds together. */
const REQUESTS = 100_000;
const LANES = { 'new-get': 90, 'kept-get': 90, 'kept-post': 60, 'h2c-get': 60 };

describeOnRealNode('releases under load', () => {
  test(`${ROUNDS} releases forward and back under load: no request fails, none is answered by two versions`, async () => {
    await using real = await RealCluster.start();
    const [node] = real.cluster.realNodes;
    if (node === undefined) throw new Error('no node');
    await createShop(real, 'shop', '1.0.0', {
      minReadySeconds: 2,
      blueGreen: { enabled: true, scaleDownDelaySeconds: 3 },
    });
    await using order = shutdownOrder(real, 'shop');
    await using load = await startShopLoad(node, { target: await real.address('shop'), lanes: LANES });
    const started = Date.now();
    const events: { name: string; atMs: number }[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      for (const version of ['2.0.0', '1.0.0']) {
        await releaseVersion(real, 'shop', version);
        events.push({ name: version, atMs: Date.now() - started });
      }
    }
    const rate = Object.values(LANES).reduce((sum, each) => sum + each, 0);
    await sleep(Math.max(0, started + (REQUESTS / rate) * 1_000 - Date.now()));
    const report = await load.stop();
    await writeLoadReport('releases', [{ title: `${ROUNDS} releases forward and back`, report, events }]);
    expect(await order.stop()).toEqual([]);
    for (const lane of report.lanes) {
      expect.soft(lane, lane.name).toMatchObject({ failed: 0, dropped: 0, mixed: { count: 0 } });
      expect.soft(Object.keys(lane.versions).sort(), lane.name).toEqual(['1.0.0', '2.0.0']);
    }
    expect(report.lanes.reduce((sum, { answered }) => sum + answered, 0)).toBeGreaterThanOrEqual(REQUESTS);
  }, 1_200_000);
});
