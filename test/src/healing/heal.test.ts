import { expect, test } from 'vitest';
import { ALL, acts, type Case, COMPONENTS, holds, look } from './look.ts';
import { ago, NOW, pod, record } from './objects.ts';

const well = pod('model', 'm-b', 'well');
/** Released 20 minutes ago, and unhealthy since 10. */
const RELEASED = {
  rollbackFrom: 'new',
  switchedAt: Date.parse(ago(1_200)),
  unhealthySince: Date.parse(ago(600)),
};

test.each<[what: string, given: Case, action: string]>([
  ['a pod on a lost node, by default', { pods: [pod('model', 'm-a', 'node lost'), well], spec: {} }, 'RestartPod m-a'],
  ['a pod that crashes, where that is asked for', { pods: [pod('model', 'm-a', 'crashing'), well] }, 'RestartPod m-a'],
  ['a pod on a lost node', { pods: [pod('model', 'm-a', 'node lost'), well] }, 'RestartPod m-a'],
  [
    'a pod that runs and is not ready, where that is asked for',
    { pods: [pod('model', 'm-a', 'not ready'), well], spec: { restartPods: 'Stuck' } },
    'RestartPod m-a',
  ],
  [
    'a pod that does not come to start',
    { pods: [pod('model', 'm-a', 'starting'), well], spec: { restartPods: 'Stuck' } },
    'RestartPod m-a',
  ],
  [
    'of two that crash the one that does not run just now',
    { pods: [pod('model', 'm-a', 'started once more'), pod('model', 'm-b', 'crashing')] },
    'RestartPod m-b',
  ],
  [
    'a component of which more than half is stuck',
    { pods: [pod('model', 'm-a', 'crashing'), pod('model', 'm-b', 'not ready')], spec: ALL },
    'RestartComponent shop-model',
  ],
  [
    'a component of which more than half fell ill one after the other',
    { pods: [pod('model', 'm-a', 'crashing', 300), pod('model', 'm-b', 'crashing', 150)], spec: ALL },
    'RestartComponent shop-model',
  ],
  [
    'only a pod, where the others have not been ill for long',
    { pods: [pod('model', 'm-a', 'crashing', 300), pod('model', 'm-b', 'crashing', 149)], spec: ALL },
    'RestartPod m-a',
  ],
  [
    'only a pod, where half of the component is well',
    { pods: [pod('model', 'm-a', 'crashing'), well], spec: ALL },
    'RestartPod m-a',
  ],
  [
    'the version, where a restart did not help',
    {
      pods: [pod('model', 'm-a', 'crashing'), pod('model', 'm-b', 'crashing')],
      spec: ALL,
      actions: [record(1_000, { action: 'RestartComponent', target: 'shop-model' })],
      circumstances: RELEASED,
    },
    'Rollback new',
  ],
  [
    'the version at once, where a restart cannot help',
    {
      pods: [pod('model', 'm-a', 'out of memory'), pod('model', 'm-b', 'no image')],
      spec: ALL,
      circumstances: RELEASED,
    },
    'Rollback new',
  ],
  [
    'the component once more, where there is no version to go back to',
    {
      pods: [pod('model', 'm-a', 'crashing'), pod('model', 'm-b', 'crashing')],
      spec: ALL,
      actions: [record(1_000, { action: 'RestartComponent', target: 'shop-model' })],
    },
    'RestartComponent shop-model',
  ],
  [
    'most components, by going back',
    {
      pods: COMPONENTS.flatMap((name) => [pod(name, `${name}-a`, 'crashing'), pod(name, `${name}-b`, 'crashing')]),
      spec: { rollback: true },
      circumstances: RELEASED,
    },
    'Rollback new',
  ],
  [
    'when the pause after two actions is over',
    { pods: [pod('model', 'm-a', 'crashing')], actions: [record(601), record(2_000)] },
    'RestartPod m-a',
  ],
])('it heals %s', (_what, given, action) => {
  expect(acts(look(given))).toBe(action);
});

const crashing = [pod('model', 'm-a', 'crashing'), well];
const broken = [pod('model', 'm-a', 'crashing'), pod('model', 'm-b', 'crashing')];

test.each<[what: string, given: Case, reason: string, message: string]>([
  [
    'pods out of memory',
    { pods: [pod('model', 'm-a', 'out of memory'), well] },
    'OutOfMemory',
    'raise its limits or enable vertical scaling',
  ],
  [
    'pods out of memory that vertical scaling sees to',
    { pods: [pod('model', 'm-a', 'out of memory'), well], vertical: 'InPlace' },
    'OutOfMemory',
    'vertical scaling raises its memory',
  ],
  [
    'pods out of memory of which vertical scaling only says what they need',
    { pods: [pod('model', 'm-a', 'out of memory'), well], vertical: 'Recommend' },
    'OutOfMemory',
    'raise its limits or enable vertical scaling',
  ],
  [
    'a pod out of memory beside others that have crashed for a while, for a restart is not for it',
    {
      pods: [
        pod('model', 'm-a', 'out of memory', 300),
        pod('model', 'm-b', 'crashing', 200),
        pod('model', 'm-c', 'crashing', 200),
      ],
      spec: ALL,
    },
    'OutOfMemory',
    'm-a',
  ],
  ['no image', { pods: [pod('model', 'm-a', 'no image'), well], spec: ALL }, 'ImagePullBackOff', 'would not help'],
  ['no key', { pods: [pod('model', 'm-a', 'no key'), well], spec: ALL }, 'ContainerCannotStart', 'would not help'],
  ['no node', { pods: [pod('model', 'm-a', 'no node'), well], spec: ALL }, 'Unschedulable', 'would not help'],
  [
    'another pod without a node',
    { pods: [...crashing, pod('view', 'v-a', 'no node', 1)] },
    'Unschedulable',
    'A new pod might not be scheduled',
  ],
  ['a quota', { pods: crashing, model: { refused: true } }, 'FailedCreate', 'healing removes none'],
  [
    'pods that run, by default',
    { pods: [pod('model', 'm-a', 'not ready'), well], spec: {} },
    'NotAskedFor',
    'enables no action for this',
  ],
  [
    'a lost node with the volume',
    { pods: [pod('model', 'm-a', 'node lost')], model: { strategy: 'Recreate' } },
    'NodeLost',
    'volume',
  ],
  [
    'a release',
    { pods: broken, spec: ALL, circumstances: { release: 'revision new in green' } },
    'ReleaseUnderWay',
    'revision new in green',
  ],
  [
    'a roll-out of somebody else',
    { pods: broken, spec: ALL, model: { progressing: 'ReplicaSetUpdated' } },
    'RolloutUnderWay',
    'shop-model is rolling out a change',
  ],
  [
    'a roll-out of somebody else that came to nothing',
    { pods: broken, spec: ALL, model: { progressing: 'ProgressDeadlineExceeded' } },
    'RolloutUnderWay',
    'shop-model',
  ],
  [
    'a restart that a person asked for after ours',
    {
      pods: broken,
      spec: ALL,
      model: { progressing: 'ReplicaSetUpdated', restartedAt: `${ago(700).slice(0, 19)}Z` },
      actions: [record(1_000, { action: 'RestartComponent', target: 'shop-model' })],
    },
    'RolloutUnderWay',
    'shop-model',
  ],
  ['lost nodes', { pods: crashing, fleet: { nodesLost: true } }, 'NodesLost', 'the cluster or the network'],
  ['trouble everywhere', { pods: crashing, fleet: { mostDegraded: true } }, 'MostDegraded', 'a common cause'],
  [
    'trouble in most components',
    { pods: [...crashing, pod('view', 'v-a', 'crashing'), pod('controller', 'c-a', 'crashing')] },
    'MostComponents',
    'a common cause',
  ],
  [
    'too much at once',
    { pods: crashing, fleet: { share: { allowed: false, spent: 'pool', until: NOW.getTime() + 10_000 } } },
    'ManyActions',
    'the 5 healing actions a minute of all RestAPIs are spent',
  ],
  [
    'a spent budget',
    { pods: crashing, actions: [record(1_300), record(2_500), record(3_599)] },
    'BudgetSpent',
    `no further action before ${new Date(NOW.getTime() + 1_000).toISOString()}`,
  ],
  ['a pause', { pods: crashing, actions: [record(599), record(2_000)] }, 'BackingOff', 'no further action before'],
])('it holds still at %s', (_what, given, reason, message) => {
  const healed = look(given);
  expect(holds(healed)).toBe(reason);
  expect(healed).toMatchObject({ message: expect.stringContaining(message) });
});

test.each<[what: string, given: Case]>([
  ['all are well', { pods: [well] }],
  ['pods that have ended', { pods: [pod('model', 'm-a', 'ended')] }],
  ['it is off', { pods: crashing, spec: { restartPods: 'Dead', enabled: false } }],
  ['nothing is asked for', { pods: crashing, spec: { restartPods: 'Never' } }],
  ['a pod that crashes has just been started once more', { pods: [pod('model', 'm-a', 'started once more'), well] }],
])('it does nothing, and says nothing, where %s', (_what, given) => {
  expect(look(given)).toEqual({ next: 'nothing' });
});

test.each<[what: string, given: Case, seconds: number]>([
  ['a pod has not been unwell for long enough', { pods: [pod('model', 'm-a', 'crashing', 200)] }, 100],
  ['it was rolled out just now', { pods: crashing, model: { rolledOutAt: ago(100) } }, 200],
  ['requests went elsewhere just now', { pods: crashing, circumstances: { switchedAt: Date.parse(ago(1)) } }, 299],
])('it waits, and says when it looks again, where %s', (_what, given, seconds) => {
  expect(look(given)).toEqual({ next: 'nothing', checkAt: NOW.getTime() + seconds * 1_000 });
});

test.each<[what: string, later: ReturnType<typeof pod>, seconds: number]>([
  ['a pod that can be helped is not due yet', pod('view', 'v-a', 'crashing', 200), 100],
  ['another will soon count as well', pod('model', 'm-b', 'crashing', 130), 20],
])('where nothing can be done for the one that is due, it looks again when %s', (_what, later, seconds) => {
  const healed = look({ pods: [pod('model', 'm-a', 'no image'), later] });
  expect(healed).toMatchObject({ next: 'hold', checkAt: NOW.getTime() + seconds * 1_000 });
});

test('its own restart that goes on does not hold it, unless what the pods are made from was changed since', () => {
  const given: Case = { pods: broken, spec: ALL };
  const restart = look(given);
  if (restart.next !== 'act') throw new Error(holds(restart));
  const actions = [{ ...restart.record, at: ago(700) }];
  const model = { progressing: 'ReplicaSetUpdated', restartedAt: `${ago(700).slice(0, 19)}Z` };
  expect(acts(look({ ...given, actions, model }))).toBe('RestartComponent shop-model');
  expect(holds(look({ ...given, actions, model: { ...model, image: 'shop:2' } }))).toBe('RolloutUnderWay');
});

test('the words do not change by themselves, whatever the order of the pods', () => {
  const pods = [pod('model', 'm-a', 'no image'), pod('model', 'm-b', 'no image')];
  expect(look({ pods })).toEqual(look({ pods: pods.toReversed() }));
  const before = look({ pods: [pod('model', 'm-a', 'crashing')], actions: [record(10)] });
  const between = look({ pods: [pod('model', 'm-a', 'started once more')], actions: [record(10)] });
  expect(between).toEqual(before);
});

test('beyond the RestAPI it looks only where it would do something', () => {
  const circumstances = {
    clusterHealth: () => {
      throw new Error('it looked');
    },
  };
  look({ pods: [well], circumstances });
  look({ pods: crashing, actions: [record(1)], circumstances });
  expect(() => look({ pods: crashing, circumstances })).toThrow('it looked');
});

test("H2: only pods of the component's own ReplicaSets are touched, or counted", () => {
  const own = pod('model', 'm-a', 'crashing');
  const debug = { ...own, metadata: { ...own.metadata, name: 'debug', uid: 'debug', ownerReferences: [] } };
  expect(look({ pods: [debug, well] })).toEqual({ next: 'nothing' });
  const job = { ...debug, metadata: { ...debug.metadata, ownerReferences: [{ ...owner(own), kind: 'Job' }] } };
  expect(look({ pods: [job, debug, well], spec: ALL })).toEqual({ next: 'nothing' });
  expect(acts(look({ pods: [job, debug, own, well], spec: ALL }))).toBe('RestartPod m-a');

  function owner({ metadata }: typeof own) {
    const [first] = metadata.ownerReferences ?? [];
    if (!first) throw new Error('it has no owner');
    return first;
  }
});
