import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RealCluster } from '../../support/real-cluster.ts';
import { startShopLoad } from './shop-load.ts';
import { shutdownOrder } from './shutdown-order.ts';
import { writeLoadReport } from './load-report-file.ts';

const ROUNDS = 20;
/** Of all rounds together. */
const REQUESTS = 100_000;
const LANES = { 'new-get': 90, 'kept-get': 90, 'kept-post': 60, 'h2c-get': 60 };

test(`${ROUNDS} releases forward and back under load: no request fails, none is answered by two versions`, async () => {
  await using real = await RealCluster.start();
  const [node] = real.cluster.realNodes;
  if (node === undefined) throw new Error('no node');
  await real.createShop('shop', '1.0.0', { blueGreen: { enabled: true, minReadySeconds: 2, scaleDownDelaySeconds: 3 } });
  const order = shutdownOrder(real, 'shop');
  await using load = await startShopLoad(node, { target: await real.frontAddress('shop'), lanes: LANES });
  const started = Date.now();
  const events: { name: string; atMs: number }[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    for (const version of ['2.0.0', '1.0.0']) {
      await real.release('shop', version);
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
