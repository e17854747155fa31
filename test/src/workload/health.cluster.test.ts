import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ComponentStatus } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { playContainer } from './play-container.ts';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator();
  await world.apply(sample('shop', { replicas: 2 }));
  await phase('Ready');
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** Of the spec as it is now. */
const phase = (wanted: string) => world.untilStatus('shop', wanted, (status) => status.phase === wanted);

const model = async () =>
  (await world.restapi('shop'))?.status?.components?.find(({ name }) => name === 'model') as ComponentStatus;

/** Plays what a kubelet would say of a pod of the model. @returns the pod's name */
async function play(container: object): Promise<string> {
  const pods = await world.list('pods', '-l', 'restapi.dev/component=model');
  const name = pods.find(({ metadata }) => !metadata.deletionTimestamp)?.metadata.name ?? '';
  await playContainer(world, { pod: name, container: 'model' }, container);
  return name;
}

test.each([
  [
    'OOMKilled',
    {
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
    },
    'raise spec.model.resources.limits.memory',
  ],
  [
    'CrashLoopBackOff',
    {
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { reason: 'Error', exitCode: 3 } },
    },
    'exit code 3, Error',
  ],
  ['ImagePullBackOff', { state: { waiting: { reason: 'ImagePullBackOff' } } }, 'cannot pull its image'],
])(
  'a pod that is %s is told in the status with its cause, and when it is well again no more',
  async (reason, container, words) => {
    const name = await play(container);
    await phase('Degraded');
    const { message, ...component } = await eventually(async () => {
      const status = await model();
      return status.reason === reason && status;
    });
    expect(component).toMatchObject({ replicas: 2, readyReplicas: 1 });
    expect(message).toContain(`pod ${name}`);
    expect(message).toContain(words);
    const ready = (await world.restapi('shop'))?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'ComponentsNotReady' });
    expect(ready?.message).toContain(`model (1 of 2 pods ready; pod ${name}`);
    // Events are written beside the rest.
    await eventually(async () => {
      const events = await world.list<{ reason: string; note: string }>('events.events.k8s.io');
      return events.some(({ note, reason: why }) => why === 'ComponentsNotReady' && note.includes(words));
    });
    await world.untilQuiet();

    // It happens again and again: nothing new is to be told.
    const mark = await world.cluster.auditMark();
    await world.kubectl(
      'patch',
      'pod',
      name,
      '--subresource=status',
      '--type=json',
      '-p',
      JSON.stringify([{ op: 'replace', path: '/status/containerStatuses/0/restartCount', value: 7 }]),
    );
    await sleep(1_000);
    expect(await world.operatorWrites(mark)).toEqual([]);

    await world.kubectl('delete', 'pod', name);
    await phase('Ready');
    expect(await model()).not.toHaveProperty('reason');
    await world.kubectl('delete', 'events', '--all');
  },
);

test('pods that find no node', async () => {
  await world.kubectl(
    'patch',
    'restapi',
    'shop',
    '--type=merge',
    '-p',
    '{"spec":{"model":{"nodeSelector":{"disk":"none"}}}}',
  );
  const status = await eventually(async () => {
    const now = await model();
    return now.reason === 'Unschedulable' && now;
  });
  expect(status.message).toContain("didn't match Pod's node affinity/selector");
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"model":{"nodeSelector":null}}}');
  await phase('Ready');
});

test('pods that a quota does not let in', async () => {
  await world.kubectl('create', 'quota', 'small', '--hard=pods=8');
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"model":{"replicas":4}}}');
  const status = await eventually(async () => {
    const now = await model();
    // The first refusals may only say that the quota has not counted yet.
    return now.reason === 'FailedCreate' && now.message?.includes('exceeded quota') && now;
  });
  expect(status.message).toContain('exceeded quota: small');
  await world.kubectl('delete', 'quota', 'small');
});
