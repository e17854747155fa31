import { expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { killsOf, type PodMetrics, useOf } from '../../../src/scaling/pod-use.ts';
import type { ResizablePod } from '../../../src/scaling/vertical/index.ts';

const metrics = (name: string, containers: object[], timestamp = '2026-01-05T12:00:00Z') =>
  ({ metadata: { name }, timestamp, containers }) as unknown as StoredObject<PodMetrics>;
const pods = (...names: string[]) => names.map((name) => ({ metadata: { name } }) as StoredObject);
const model = { name: 'model', usage: { cpu: '250m', memory: '64Mi' } };

test('of the pods of one component, what its container uses, as of the last measurement; not what others with its labels use', () => {
  const sidecar = { name: 'proxy', usage: { cpu: '9', memory: '9Gi' } };
  const all = [
    metrics('a', [sidecar, model]),
    metrics('b', [{ name: 'model', usage: { cpu: '1000026n', memory: '1Mi' } }], '2026-01-05T12:00:10Z'),
    metrics('of a person', [model]),
    metrics('c', [sidecar]),
  ];
  expect(useOf(all, 'model', pods('a', 'b', 'c'))).toEqual({
    at: Date.UTC(2026, 0, 5, 12, 0, 10),
    pods: [
      { cpu: 0.25, memory: 64 * 1024 ** 2 },
      { cpu: expect.closeTo(0.001, 6), memory: 1024 ** 2 },
    ],
  });
});

test('undefined, not empty, without a measurement', () => {
  expect(useOf([], 'model', pods('a'))).toBeUndefined();
  expect(useOf([metrics('a', [])], 'model', pods('a'))).toBeUndefined();
  expect(useOf([metrics('a', [model], 'now')], 'model', pods('a'))).toBeUndefined();
});

test('kills for lack of memory, with what the container had, the oldest first', () => {
  const pod = (resources: object, ended: object) =>
    ({
      spec: { containers: [{ name: 'model', resources }] },
      status: { containerStatuses: [{ name: 'model', ...ended }] },
    }) as unknown as StoredObject<ResizablePod>;
  const oom = (finishedAt: string) => ({ terminated: { reason: 'OOMKilled', finishedAt } });
  const limits = { requests: { memory: '64Mi' }, limits: { memory: '128Mi' } };
  expect(
    killsOf(
      [
        pod(limits, { lastState: oom('2026-01-05T12:00:20Z') }),
        pod({ requests: { memory: '64Mi' } }, { state: oom('2026-01-05T12:00:10Z') }),
        pod({}, { state: oom('2026-01-05T12:00:00Z') }),
        pod(limits, { lastState: { terminated: { reason: 'Error', finishedAt: '2026-01-05T12:00:00Z' } } }),
      ],
      'model',
    ),
  ).toEqual([
    { at: Date.UTC(2026, 0, 5, 12, 0, 10), had: 64 * 1024 ** 2 },
    { at: Date.UTC(2026, 0, 5, 12, 0, 20), had: 128 * 1024 ** 2 },
  ]);
});
