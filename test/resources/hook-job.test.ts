import { expect, test } from 'vitest';
import { HookJob } from '../../resources/dependents/index.ts';
import { type HookRun, type HookSpec, hookJobName } from '../../resources/index.ts';
import { plainDecision } from '../../resources/model/decision.ts';
import { podSelector } from '../../resources/model/labels.ts';
import { podTemplate } from '../../resources/templates/pod-template.ts';
import { stored } from '../src/blue-green/stored.ts';

const api = stored('registry.example.com/shop:2');
Object.assign(api.spec.model, {
  command: ['serve'],
  envFrom: [{ secretRef: { name: 'db' } }],
  serviceAccountName: 'shop-db',
  probes: { readiness: { httpGet: { path: '/ready' } } },
});
Object.assign(api.spec, { observability: { metrics: { enabled: true, path: '/metrics' } } });
const environment = { name: 'green' as const, api, revision: 'r', replicas: {}, referenceHashes: {} };
const run = (spec: HookSpec, more: Partial<HookRun> = {}): HookRun => {
  return { hook: 'migrate', spec, environment, since: '2026-01-01T00:00:00.000Z', ...more };
};

interface Container {
  [field: string]: unknown;
}
interface JobSpec {
  backoffLimit: number;
  activeDeadlineSeconds: number;
  template: {
    metadata: { labels: Record<string, string>; annotations?: object };
    spec: { containers: [Container]; serviceAccountName: string; restartPolicy: string };
  };
}

function job(spec: HookSpec, more: Partial<HookRun> = {}) {
  const [made] = new HookJob().desired(api, { ...plainDecision(api), hooks: [run(spec, more)] });
  if (!made) throw new Error('there is no Job');
  return { ...made, spec: made.spec as JobSpec };
}

test('the Job has what the component has, and nothing that belongs to serving', () => {
  const { spec } = job({ args: ['migrate', '--all'], timeoutSeconds: 60 });
  expect(spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 60 });
  const { containers, ...pod } = spec.template.spec;
  expect(pod).toMatchObject({ serviceAccountName: 'shop-db', restartPolicy: 'Never' });
  const [container] = containers;
  const serving = (podTemplate(environment, 'model').spec as { containers: [Container] }).containers[0];
  for (const field of ['image', 'env', 'envFrom', 'resources', 'securityContext', 'volumeMounts', 'imagePullPolicy']) {
    expect(container[field], field).toEqual(serving[field]);
  }
  for (const field of ['ports', 'startupProbe', 'readinessProbe', 'livenessProbe', 'lifecycle']) {
    expect(container[field], field).toBeUndefined();
  }
  expect(container).toMatchObject({ args: ['migrate', '--all'], terminationMessagePolicy: 'FallbackToLogsOnError' });
  expect(container.command).toBeUndefined();
});

test("without a command of its own it runs the component's", () => {
  expect(job({}).spec.template.spec.containers[0].command).toEqual(['serve']);
  expect(job({}).spec.activeDeadlineSeconds).toBe(600);
});

test('no Service, policy or monitor takes its pod for one of the component', () => {
  const { labels, annotations } = job({}).spec.template.metadata;
  for (const [label, value] of Object.entries(podSelector(environment, 'model'))) {
    if (label !== 'restapi.dev/name') expect(labels[label]).not.toBe(value);
  }
  expect(annotations).toBeUndefined();
});

test('its name is that of the run, however it is rendered, and a Job that exists stays as it is', () => {
  const first = job({ args: ['a'] });
  expect(job({ args: ['b'] }).metadata?.name).toBe(first.metadata?.name);
  expect(hookJobName(run({}, { since: '2026-01-02T00:00:00.000Z' }))).not.toBe(first.metadata?.name);
  expect(hookJobName(run({}, { hook: 'afterPromotion' }))).not.toBe(first.metadata?.name);
  const storedSpec = { ...first.spec, completions: 1 };
  expect(job({ args: ['b'] }, { stored: storedSpec }).spec).toEqual(storedSpec);
});
