import { expect, test } from 'vitest';
import { ALL, acts, look } from './look.ts';
import { ago, NOW, pod } from './objects.ts';

/** Ten minutes to start. */
const startupProbe = { periodSeconds: 10, failureThreshold: 60 };
const STUCK = { restartPods: 'Stuck' } as const;
const well = pod('model', 'm-b', 'well');
const inSeconds = (seconds: number) => NOW.getTime() + seconds * 1_000;

test.each<[what: string, probes: object, allowance: number]>([
  ['a startup probe', { startupProbe }, 600],
  ['a startup probe that begins later', { startupProbe: { ...startupProbe, initialDelaySeconds: 30 } }, 630],
  ["Kubernetes' default startup probe", { startupProbe: {} }, 30],
  ['a readiness probe that begins later', { readinessProbe: { initialDelaySeconds: 120 } }, 120],
  ['both', { startupProbe, readinessProbe: { initialDelaySeconds: 700 } }, 700],
  ['no such probe', {}, 0],
])('H4: with %s a pod is not stuck before its probes allow', (_what, probes, allowance) => {
  const started = (seconds: number) =>
    pod('model', 'm-a', 'not ready', 5_000, 'node-0', { startedAt: ago(seconds), ...probes });
  // stuckSeconds is 300.
  const early = look({ pods: [started(allowance + 299), well], spec: STUCK });
  expect(early).toEqual({ next: 'nothing', checkAt: inSeconds(1) });
  expect(acts(look({ pods: [started(allowance + 300), well], spec: STUCK }))).toBe('RestartPod m-a');
});

test('H4: a component of slow starters is neither restarted nor rolled back', () => {
  const slow = (name: string) =>
    pod('model', name, 'not ready', 5_000, 'node-0', { startedAt: ago(400), startupProbe });
  const given = { pods: [slow('m-a'), slow('m-b')], spec: ALL, circumstances: { rollbackFrom: 'new' } };
  expect(look(given)).toEqual({ next: 'nothing', checkAt: inSeconds(500) });
});

test('H4: a container that crashed is not evicted during its next try', () => {
  const again = (startedAt: string) =>
    pod('model', 'm-a', 'started once more', 5_000, 'node-0', { startedAt, startupProbe });
  const early = look({ pods: [again(ago(100)), well], spec: STUCK });
  expect(early).toEqual({ next: 'nothing', checkAt: inSeconds(800) });
  expect(acts(look({ pods: [again(ago(901)), well], spec: STUCK }))).toBe('RestartPod m-a');
});

test('a component is restarted while only some of those that crash are in their next try', () => {
  const again = pod('model', 'm-a', 'started once more', 5_000, 'node-0', { startedAt: ago(100), startupProbe });
  const crashing = ['m-b', 'm-c'].map((name) => pod('model', name, 'crashing'));
  const model = { replicas: 3 };
  expect(acts(look({ pods: [again, ...crashing], spec: ALL, model }))).toBe('RestartComponent shop-model');
  const [first = again] = crashing;
  const most = [again, { ...again, metadata: { ...again.metadata, name: 'm-c' } }, first];
  expect(look({ pods: most, spec: ALL, model })).toEqual({ next: 'nothing', checkAt: inSeconds(800) });
});
