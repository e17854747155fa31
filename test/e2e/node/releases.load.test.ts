import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RealCluster } from '../../support/real-cluster.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { writeLoadReport } from './load-report-file.ts';
import { startShopLoad } from './shop-load.ts';
import { createShop, releaseVersion, untilOneEnvironment } from './shops.ts';
import { shutdownOrder } from './shutdown-order.ts';

/** They release side by side, as most of a release is waiting. */
const SHOPS = ['shop-a', 'shop-b'];
/** Releases forward and back of each shop. */
const ROUNDS = 10;
/** Of all shops together. */
const REQUESTS = 100_000;
/** Requests per second of each shop. GET requests need the view only, POST requests all four components. */
const LANES = { 'new-get': 40, 'kept-get': 40, 'h2c-get': 30, 'kept-post': 40 };

describeOnRealNode('releases under load', () => {
  test(`${SHOPS.length * ROUNDS} releases forward and back: no request fails, none is answered by two versions`, async () => {
    await using real = await RealCluster.start();
    const results = await Promise.all(SHOPS.map((name) => releaseUnderLoad(real, name)));
    await writeLoadReport(
      'releases',
      results.map(({ name, report, events }) => ({ title: `${name}: ${ROUNDS} forward and back`, report, events })),
    );
    for (const { name, report, disorder } of results) {
      expect.soft(disorder, name).toEqual([]);
      for (const lane of report.lanes) {
        expect.soft(lane, `${name} ${lane.name}`).toMatchObject({ failed: 0, dropped: 0, mixed: { count: 0 } });
        expect.soft(Object.keys(lane.versions).sort(), `${name} ${lane.name}`).toEqual(['1.0.0', '2.0.0']);
      }
    }
    const answered = results.flatMap(({ report }) => report.lanes).reduce((sum, lane) => sum + lane.answered, 0);
    expect(answered).toBeGreaterThanOrEqual(REQUESTS);
  }, 1_200_000);
});

async function releaseUnderLoad(real: RealCluster, name: string) {
  const [node] = real.cluster.realNodes;
  if (node === undefined) throw new Error('no node');
  await createShop(real, name, '1.0.0', {
    minReadySeconds: 2,
    blueGreen: { enabled: true, scaleDownDelaySeconds: 3, autoRollbackSeconds: 0 },
  });
  await using load = await startShopLoad(node, { target: await real.address(name), path: '/version', lanes: LANES });
  const started = Date.now();
  const events: { name: string; atMs: number }[] = [];
  const disorder: string[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    for (const version of ['2.0.0', '1.0.0']) {
      await releaseVersion(real, name, version);
      events.push({ name: version, atMs: Date.now() - started });
      // In every other round kept connections must move; else the way back begins while the previous version still runs.
      if (round % 2 === 0) continue;
      await using order = shutdownOrder(real, name);
      await untilOneEnvironment(real, name);
      disorder.push(...(await order.stop()));
    }
  }
  const rate = Object.values(LANES).reduce((sum, each) => sum + each, 0);
  const enoughMs = (REQUESTS / SHOPS.length / rate) * 1_000 + 1_000;
  await sleep(Math.max(0, started + enoughMs - Date.now()));
  return { name, events, disorder, report: await load.stop() };
}
