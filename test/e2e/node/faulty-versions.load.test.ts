import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportedActive } from '../../../src/blue-green/release-status.ts';
import type { LoadCase } from '../../support/load/report.ts';
import { failures, mixed } from '../../support/load/totals.ts';
import { RealCluster } from '../../support/real-cluster.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { BLUE_GREEN, FAULTY_CASES, image, LANES } from './faulty-cases.ts';
import { writeLoadReport } from './load-report-file.ts';
import { plainShop } from './plain-shop.ts';
import { startShopLoad } from './shop-load.ts';
import { createShop } from './shops.ts';

let real: RealCluster;
const loads: LoadCase[] = [];

describeOnRealNode('faulty versions', () => {
  beforeAll(async () => {
    real = await RealCluster.start({ versions: [{ version: '1.0.0' }, ...FAULTY_CASES] });
  }, 180_000);

  afterAll(async () => {
    await writeLoadReport('faulty-versions', loads);
    await real?.[Symbol.asyncDispose]();
  });

  for (const { name, version, watchSeconds } of FAULTY_CASES) {
    test(`a version that ${name}: not kept, and no more requests lost than by a rolling update`, async () => {
      const [node] = real.cluster.realNodes;
      if (node === undefined) throw new Error('no node');
      const fault = version.slice(version.indexOf('-'));
      const ours = `shop${fault}`;
      const plain = `plain${fault}`;
      await real.world.apply(...plainShop(plain, image('1.0.0')));
      await createShop(real, ours, '1.0.0', { blueGreen: BLUE_GREEN });
      await real.world.kubectl(
        'wait',
        '--for=condition=Available',
        'deployment',
        '-l',
        `app=${plain}`,
        '--timeout=60s',
      );
      const targets = { ours: await real.address(ours), plain: await real.address(`${plain}-view`) };
      await using oursLoad = await startShopLoad(node, { target: targets.ours, lanes: LANES });
      await using plainLoad = await startShopLoad(node, { target: targets.plain, lanes: LANES });
      await sleep(3_000);

      await Promise.all([real.release(version, ours), real.world.apply(...plainShop(plain, image(version)))]);
      await sleep(watchSeconds * 1_000);

      const [oursReport, plainReport] = await Promise.all([oursLoad.stop(), plainLoad.stop()]);
      loads.push(
        { title: `${name}: RestAPI`, report: oursReport },
        { title: `${name}: rolling update`, report: plainReport },
      );
      expect.soft(failures(oursReport), 'failed requests').toBeLessThanOrEqual(failures(plainReport));
      expect.soft(mixed(oursReport), 'answers of two versions').toBe(0);
      const status = (await real.world.restapi(ours))?.status;
      expect.soft(reportedActive(status)?.image).toBe(image('1.0.0'));
      expect.soft(status?.rejections?.[0]?.message).toBeTruthy();
      await real.world.kubectl('delete', 'restapi', ours, '--wait=false');
      await real.world.kubectl('delete', 'deployment,service', '-l', `app=${plain}`, '--wait=false');
    }, 240_000);
  }
});
