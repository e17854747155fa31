import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RealNode } from '../../../operator/testkit/index.ts';
import type { LoadReport } from '../../support/load/load-report.ts';
import type { LoadCase } from '../../support/load/report.ts';
import { failures, mixed } from '../../support/load/totals.ts';
import { RealCluster } from '../../support/real-cluster.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { FAULTY_CASES, LANES, type VersionCase } from '../node/faulty-cases.ts';
import { writeLoadReport } from '../node/load-report-file.ts';
import { startShopLoad } from '../node/shop-load.ts';
import { BUILD_TIMEOUT_MS, ensureArgoRollouts, startArgoRollouts } from './argo-rollouts.ts';
import { argoAnalysis } from './argo-shop.ts';
import { argo, type Contender, restApi, rollingUpdate } from './contenders.ts';

const GOOD: VersionCase = { name: 'is good', version: '2.0.0', watchSeconds: 80 };

let real: RealCluster;
let node: RealNode;
const loads: LoadCase[] = [];

/** Releases a version by all contenders at the same time, each under the same load. @returns what their loads saw, in that order */
async function compare(contenders: Contender[], { name, version, watchSeconds }: VersionCase): Promise<LoadReport[]> {
  const shops = contenders.map((by) => ({ by, shop: `${by.prefix}-${version.replaceAll('.', '-')}` }));
  const fronts = await Promise.all(shops.map(({ by, shop }) => by.create(shop, '1.0.0')));
  const targets = await Promise.all(fronts.map((front) => real.address(front)));
  await using stack = new AsyncDisposableStack();
  const running = await Promise.all(targets.map((target) => startShopLoad(node, { target, lanes: LANES })));
  for (const load of running) stack.use(load);
  await sleep(3_000);

  await Promise.all(shops.map(({ by, shop }) => by.release(shop, version)));
  await sleep(watchSeconds * 1_000);

  const reports = await Promise.all(running.map((load) => load.stop()));
  loads.push(...reports.map((report, index) => ({ title: `${name}: ${contenders[index]?.title}`, report })));
  for (const { by, shop } of shops) {
    // One that ignored the version would lose nothing.
    expect.soft(await by.tried(shop, version), `${by.title} has tried ${version}`).toBe(true);
  }
  await Promise.all(shops.map(({ by, shop }) => by.remove(shop)));
  return reports;
}

describeOnRealNode('peers', () => {
  beforeAll(async () => {
    await ensureArgoRollouts();
  }, BUILD_TIMEOUT_MS);

  beforeAll(async () => {
    real = await RealCluster.start({ versions: [{ version: '1.0.0' }, GOOD, ...FAULTY_CASES] });
    const [first] = real.cluster.realNodes;
    if (first === undefined) throw new Error('no node');
    node = first;
    await startArgoRollouts(real.cluster, node);
    await real.world.apply(...argoAnalysis());
  }, 240_000);

  afterAll(async () => {
    if (loads.length > 0) await writeLoadReport('peers', loads);
    await real?.[Symbol.asyncDispose]();
  }, 60_000);

  for (const each of [GOOD, ...FAULTY_CASES]) {
    test(`a version that ${each.name}: no more requests lost than by the better of rolling update and Argo Rollouts`, async () => {
      const [ours, ...others] = await compare([restApi(real), rollingUpdate(real), argo(real)], each);
      if (ours === undefined) throw new Error('no report');
      expect.soft(failures(ours), 'failed requests').toBeLessThanOrEqual(Math.min(...others.map(failures)));
      expect.soft(mixed(ours), 'answers of two versions').toBe(0);
      for (const { lanes } of [ours, ...others]) {
        for (const lane of lanes) expect.soft(Object.keys(lane.versions), lane.name).toContain('1.0.0');
        if (each !== GOOD) continue;
        // A release that nobody finishes loses nothing.
        for (const lane of lanes) expect.soft(Object.keys(lane.versions), lane.name).toContain('2.0.0');
      }
    }, 420_000);
  }
});
