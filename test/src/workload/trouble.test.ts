import { expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { Deployment } from '../../../resources/index.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import { troubleOf } from '../../../src/workload/trouble.ts';

type Status = NonNullable<Pod['status']>;
type Container = NonNullable<Status['containerStatuses']>[number];

const pod = (status: Status, name = 'shop-model-1', metadata = {}): StoredObject<Pod> => ({
  metadata: { name, uid: name, resourceVersion: '1', ...metadata },
  spec: { nodeName: 'node-3' },
  status,
});
const container = (fields: Partial<Container>): Status => ({
  containerStatuses: [{ name: 'model', image: 'shop:1', ready: false, ...fields }],
});
const deployment = (reason: string, more: object[] = []) =>
  ({
    metadata: { name: 'shop-model', uid: 'u', resourceVersion: '1' },
    status: { conditions: [{ type: 'Progressing', status: 'True', reason, lastUpdateTime: '' }, ...more] },
  }) as unknown as StoredObject<Deployment>;
const ROLLED_OUT = deployment('NewReplicaSetAvailable');
const WELL = container({ ready: true, state: { running: {} } });
const CRASHING = container({
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { reason: 'Error', exitCode: 3 } },
});
const UNSCHEDULABLE: Status = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' }],
};

/** The node controller set Ready to False; the rest is what the kubelet said last. */
const ON_LOST_NODE: Status = {
  ...WELL,
  conditions: [
    { type: 'Ready', status: 'False' },
    { type: 'ContainersReady', status: 'True' },
  ],
};

test.each<[what: string, status: Status, reason: string, message: string[]]>([
  [
    'crashing',
    CRASHING,
    'CrashLoopBackOff',
    ['pod shop-model-1: container model', 'exit code 3, Error', 'kubectl logs'],
  ],
  [
    'ended, and not yet waiting to be started again',
    container({ state: { terminated: { exitCode: 1 } } }),
    'CrashLoopBackOff',
    ['exit code 1)'],
  ],
  [
    'out of memory',
    container({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
    }),
    'OOMKilled',
    ['exit code 137', 'raise spec.model.resources.limits.memory'],
  ],
  [
    'no image',
    container({ state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } }),
    'ImagePullBackOff',
    ['cannot pull its image shop:1', 'spec.model.imagePullSecrets'],
  ],
  [
    'no key',
    container({ state: { waiting: { reason: 'CreateContainerConfigError', message: "couldn't find key url" } } }),
    'ContainerCannotStart',
    ["couldn't find key url"],
  ],
  ['no node', UNSCHEDULABLE, 'Unschedulable', ['cannot be scheduled: 0/3 nodes are available']],
  ['evicted', { phase: 'Failed', reason: 'Evicted', message: 'low on disk' }, 'Evicted', ['low on disk']],
  ['on a node that does not answer', ON_LOST_NODE, 'NodeLost', ['its node node-3 is unreachable']],
  ['not ready', container({ state: { running: {} } }), 'NotReady', ['fails its readiness probe']],
])('%s', (_what, status, reason, message) => {
  const trouble = troubleOf('model', ROLLED_OUT, [pod(status)]);
  expect(trouble?.reason).toBe(reason);
  for (const part of message) expect(trouble?.message).toContain(part);
});

test.each<[what: string, pods: StoredObject<Pod>[]]>([
  ['no pods', []],
  ['all well', [pod(WELL)]],
  [
    'a readiness gate that is not open yet',
    [
      pod({
        ...WELL,
        conditions: [
          { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady' },
          { type: 'ContainersReady', status: 'True' },
        ],
      }),
    ],
  ],
  ['still starting', [pod(container({ state: { waiting: { reason: 'ContainerCreating' } } }))]],
  ['one that is being deleted', [pod(CRASHING, 'a', { deletionTimestamp: '2026-01-01T00:00:00Z' })]],
  [
    'well again after a crash',
    [pod(container({ ready: true, lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }))],
  ],
])('no trouble: %s', (_what, pods) => {
  expect(troubleOf('model', undefined, pods)).toBeUndefined();
});

test('pods that are not ready are no trouble while they start, and one if they do not come to it', () => {
  const starting = [pod(container({ state: { running: {} } }))];
  expect(troubleOf('model', deployment('ReplicaSetUpdated'), starting)).toBeUndefined();
  expect(troubleOf('model', undefined, starting)).toBeUndefined();
  expect(troubleOf('model', deployment('ProgressDeadlineExceeded'), starting)?.reason).toBe('NotReady');
  // What cannot pass by itself is told at once.
  expect(troubleOf('model', deployment('ReplicaSetUpdated'), [pod(CRASHING)])?.reason).toBe('CrashLoopBackOff');
});

test('reports the worst of several troubles, and the first of several pods', () => {
  const pods = [pod(UNSCHEDULABLE, 'a'), pod(CRASHING, 'c'), pod(CRASHING, 'b')];
  const trouble = troubleOf('model', undefined, pods);
  expect(trouble?.message).toMatch(/^pod b: .* \(and 1 more\)$/);
  // In whatever order they come, and however often it happens, the words are the same.
  expect(troubleOf('model', undefined, pods.toReversed())).toEqual(trouble);
});

test('pods that cannot be made: the name of the one that was tried last is left out', () => {
  const failing = (name: string) => {
    const message = `pods "shop-model-${name}" is forbidden: exceeded quota: small`;
    return deployment('', [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }]);
  };
  const trouble = troubleOf('model', failing('x'), []);
  expect(trouble).toEqual({ reason: 'FailedCreate', message: 'pods cannot be created: exceeded quota: small' });
  expect(troubleOf('model', failing('y'), [])).toEqual(trouble);
});

test('truncates a long quoted message', () => {
  const status = container({ state: { waiting: { reason: 'CreateContainerError', message: 'x'.repeat(5_000) } } });
  expect(troubleOf('model', ROLLED_OUT, [pod(status)])?.message.length).toBeLessThan(400);
});
