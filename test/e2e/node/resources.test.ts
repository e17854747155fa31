import { cpus } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubernetesObject, StoredObject } from '../../../operator/index.ts';
import { quantityValue } from '../../../operator/schema/index.ts';
import { IMAGE_NODE } from '../../../operator/testkit/index.ts';
import { versionOf } from '../../../resources/index.ts';
import { reportedActive } from '../../../src/blue-green/release-status.ts';
import { SHOP_IMAGE } from '../../../src/tools/image/shop-versions.ts';
import { eventually } from '../../support/eventually.ts';
import { RealCluster } from '../../support/real-cluster.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';

const MIB = 1024 ** 2;

interface Pod extends KubernetesObject {
  status: {
    containerStatuses: {
      restartCount: number;
      resources: { requests: Record<string, string>; limits: Record<string, string> };
    }[];
  };
}

/** The memory limit that the kernel has for a container, with cgroup v2 or v1. */
const MEMORY_LIMIT = `
const { existsSync, readFileSync } = require('node:fs');
const files = ['memory.max', 'memory/memory.limit_in_bytes'].map((name) => '/sys/fs/cgroup/' + name);
process.stdout.write(readFileSync(files.find((file) => existsSync(file)), 'utf8'));
`;

describeOnRealNode('volumes, hooks and resources of real pods', () => {
  let real: RealCluster;

  beforeAll(async () => {
    real = await RealCluster.start({ metrics: true, versions: [{ version: '1.0.0' }, { version: '2.0.0' }] });
    await real.startShop({
      replicas: 1,
      blueGreen: { enabled: true, scaleDownDelaySeconds: 0, autoRollbackSeconds: 0 },
    });
  });
  afterAll(() => real?.[Symbol.asyncDispose]());

  const modelPod = async (): Promise<StoredObject<Pod>> => {
    const active = reportedActive((await real.shop()).status)?.name;
    const selector = `restapi.dev/name=shop,restapi.dev/component=model,restapi.dev/environment=${active}`;
    const [pod] = await real.world.list<StoredObject<Pod>>('pods', '-l', selector);
    if (pod === undefined) throw new Error('the shop has no model');
    return pod;
  };
  const memoryLimit = async ({ metadata: { name } }: StoredObject<Pod>): Promise<number> =>
    Number(await real.world.kubectl('exec', name, '--', IMAGE_NODE, '-e', MEMORY_LIMIT));
  const scaleVertically = (allowed: { cpu: string; memory: string }) => {
    const off = { enabled: false };
    const vertical = { mode: 'InPlace', minAllowed: allowed, maxAllowed: allowed };
    return real.patchShop({
      autoScaling: { view: off, controller: off, model: { ...off, vertical }, repository: off },
    });
  };

  test('orders placed before a release are there after it', async () => {
    await using page = await real.cluster.forward(await real.address('shop'));
    const url = `http://127.0.0.1:${page.port}/api/orders`;
    // Its Service leads to the shop a moment after that is ready.
    await eventually(async () => (await fetch(url)).ok, { what: 'the shop answers' });
    const body = JSON.stringify({ product: 'cup', quantity: 2, customer: 'Ann' });
    const placed = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(placed.status).toBe(201);
    await real.release('2.0.0');
    await real.untilActive('2.0.0');
    await using after = await real.cluster.forward(await real.address('shop'));
    // The node hears of the new endpoints a moment later.
    const answer = await eventually(async () => {
      const found = await fetch(`http://127.0.0.1:${after.port}/api/orders`);
      const text = await found.text();
      return found.headers.get('x-shop-versions')?.includes('repository=2.0.0') && { status: found.status, text };
    });
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('"customer":"Ann"') });
  });

  test('the status has the last lines of a migration that failed; the version serves when it has succeeded', async () => {
    const migrate = (script: string) => ({ migrate: { command: [IMAGE_NODE, '-e', script] } });
    const failing = migrate("console.log('begins'); console.error('no such column: price'); process.exitCode = 3");
    // A version that has served before there was a hook needs no migration.
    await real.patchShop({ envVars: { PRICES: 'rounded' }, blueGreen: { hooks: failing } });
    const { hooks: [hook] = [], rejections: [rejection] = [] } = await real.untilStatus(
      'the version is rejected',
      ({ release, rejections = [] }) => release === undefined && rejections.length > 0,
    );
    expect(rejection?.reason).toBe('MigrationFailed');
    expect(hook?.message).toMatch(/it ended with: begins.*no such column: price/);
    const check = "process.exitCode = process.env.COMPONENT === 'model' && process.env.MODEL_URL ? 0 : 1";
    await real.patchShop({ blueGreen: { hooks: migrate(check) } });
    await real.world.kubectl('annotate', 'restapi', 'shop', `restapi.dev/retry=${rejection?.revision}`);
    const { migrated = [] } = await real.untilStatus(
      'the version is active',
      (status) => status.release === undefined && reportedActive(status)?.revision === rejection?.revision,
    );
    expect(migrated).toContain(versionOf(rejection?.revision ?? ''));
  }, 180_000);

  test('vertical scaling resizes a running container up and down, without a restart', async () => {
    const before = await modelPod();
    // The operator asks for usage once a minute.
    await eventually(async () => (await real.cluster.kubectl(['top', 'pod', before.metadata.name])).exitCode === 0, {
      what: `usage of ${before.metadata.name}`,
    });
    for (const [cpu, mib] of [
      ['150m', 200],
      ['30m', 120],
    ] as const) {
      const memory = `${mib}Mi`;
      await scaleVertically({ cpu, memory });
      const pod = await eventually(
        async () => {
          const found = await modelPod();
          expect(found.status.containerStatuses[0]?.resources.requests).toEqual({ cpu, memory });
          return found;
        },
        { timeoutMs: 120_000, what: `a request of ${cpu} and ${memory}` },
      );
      expect(pod.metadata.uid).toBe(before.metadata.uid);
      expect(pod.status.containerStatuses[0]?.restartCount).toBe(0);
      const limit = quantityValue(pod.status.containerStatuses[0]?.resources.limits.memory ?? '');
      // As in the spec.
      expect(limit / (mib * MIB)).toBeCloseTo(256 / 96, 1);
      expect(await memoryLimit(pod)).toBe(limit);
    }
  });

  test('the status says that a pod cannot become larger than its node', async () => {
    const before = await modelPod();
    await scaleVertically({ cpu: String(cpus().length + 1), memory: '120Mi' });
    const { conditions = [] } = await real.untilStatus('the resize is refused', ({ conditions = [] }) =>
      conditions.some(({ type, reason }) => type === 'VerticalScaling' && reason === 'ResizeRefused'),
    );
    const found = conditions.find(({ type }) => type === 'VerticalScaling');
    expect(found?.message).toContain(before.metadata.name);
    expect(found?.message).toMatch(/node.*resources/);
    const { metadata, status } = await modelPod();
    expect(metadata.uid).toBe(before.metadata.uid);
    expect(status.containerStatuses).toEqual(before.status.containerStatuses);
  });

  test('the status names a container that the kernel killed for its memory, and the field to raise', async () => {
    const off = { enabled: false };
    await real.world.apply({
      apiVersion: 'restapi.dev/v1alpha1',
      kind: 'RestAPI',
      metadata: { name: 'leaky', namespace: 'default' },
      spec: {
        image: `${SHOP_IMAGE}:1.0.0`,
        view: off,
        controller: off,
        repository: off,
        model: {
          env: [{ name: 'LEAK_MIB_PER_SECOND', value: '64' }],
          resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        },
      },
    });
    const { components = [] } = await real.world.untilStatus('leaky', 'the model was killed', ({ components = [] }) =>
      components.some(({ reason }) => reason === 'OOMKilled'),
    );
    expect(components.find(({ name }) => name === 'model')?.message).toMatch(
      /exceeded its memory limit and was killed \(exit code 137\): raise spec\.model\.resources\.limits\.memory/,
    );
  });
});
