import { afterAll, beforeAll, expect, test } from 'vitest';
import { isWrite } from '../../../operator/testkit/index.ts';
import type { Runtime } from '../../../src/tools/image/runtime.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import { eventually } from '../../support/eventually.ts';
import { reportTable } from '../../support/load/report-table.ts';
import { sample } from '../../support/operator-cluster.ts';
import { RealCluster } from '../../support/real-cluster.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { writeReport } from './load-report-file.ts';
import { operatorPod, operatorProcess, operatorReady } from './operator-faults.ts';

const RUNTIMES: Runtime[] = ['node', 'deno'];
const TITLES = ['runtime', 'image, MB', 'start of the process to first write, ms', 'most memory, MiB', 'limit'];
const figures: string[][] = [];

let real: RealCluster;

describeOnRealNode("the operator's own image", () => {
  beforeAll(async () => {
    real = await RealCluster.start();
  });
  afterAll(async () => {
    await real?.[Symbol.asyncDispose]();
    if (figures.length > 0) await writeReport('operator-image', reportTable(TITLES, figures));
  });

  test.each(RUNTIMES)(
    'for %s reconciles under Pod Security restricted, read-only, within the shipped limits',
    async (runtime) => {
      const { bytes } = await real.upgradeOperator({ runtime, name: `restapi-operator:measured-${runtime}` });
      await operatorReady(real);
      await scaleOperator(0);
      await eventually(async () => (await real.operatorPods()).length === 0, { what: 'the operator has ended' });
      await real.world.apply(sample(runtime, { image: 'registry.example.com/none:1.0.0' }));

      const mark = await real.cluster.auditMark();
      await scaleOperator(1);
      await operatorReady(real);
      const written = await eventually(
        async () =>
          (await real.world.operatorRequests(mark)).find((event) => isWrite(event) && isAbout(event, runtime)),
        { what: `a write for ${runtime}` },
      );
      const { startedAt, peakBytes } = await operatorProcess(real);
      const coldStartMs = Date.parse(written.requestReceivedTimestamp) - startedAt;
      // Before its process there was no operator.
      expect(coldStartMs).toBeGreaterThan(0);

      const namespace = await real.world.get<{ metadata: { labels: object } }>('namespace', 'restapi-system');
      expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
      const { spec, status } = (await operatorPod(real)) as Pod & { spec: PodLimits };
      const [container] = spec.containers;
      expect(container?.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
      const limit = container?.resources.limits.memory ?? '';
      expect(limit).toMatch(/^\d+Mi$/);
      expect(peakBytes).toBeLessThan(Number.parseInt(limit, 10) * 2 ** 20);
      expect(status?.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([0]);
      figures.push([
        runtime,
        `${Math.round(bytes / 1e6)}`,
        `${coldStartMs}`,
        `${Math.round(peakBytes / 2 ** 20)}`,
        limit,
      ]);
    },
  );
});

interface PodLimits {
  containers: { securityContext: object; resources: { limits: { memory: string } } }[];
}

function isAbout({ objectRef }: { objectRef?: { name?: string | undefined } | undefined }, app: string): boolean {
  return objectRef?.name === app || objectRef?.name?.startsWith(`${app}-`) === true;
}

async function scaleOperator(replicas: number): Promise<void> {
  await real.world.kubectl('scale', 'deployment', 'restapi-operator', '-n', 'restapi-system', `--replicas=${replicas}`);
}
