import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator({ queue: { maxDelayMs: 500 } });
  await world.apply(sample('good'));
  await world.untilReady('good');
});
afterAll(() => world?.[Symbol.asyncDispose]());

describe('refused by the API server, naming the field', () => {
  test.each<[string, object, string]>([
    ['an unknown component', { modle: {} }, 'spec.modle'],
    ['negative replicas', { replicas: -1 }, 'spec.replicas'],
    ['negative replicas of a component', { view: { replicas: -1 } }, 'spec.view.replicas'],
    ['an invalid image', { image: 'not an image' }, 'spec.image'],
    ['an invalid name of a variable', { envVars: { 'a b': 'c' } }, 'spec.envVars'],
    ["an invalid name of a component's variable", { model: { env: [{ name: 'a=b', value: 'c' }] } }, 'spec.model.env'],
    ['a port clash', { view: { port: 8080 } }, 'spec.view.port'],
    ['a port out of range', { view: { port: 70_000 } }, 'spec.view.port'],
    [
      'requests above limits',
      { model: { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } } },
      'spec.model.resources',
    ],
  ])('%s', async (_name, spec, field) => {
    expect(await world.refusal(sample('bad', spec))).toContain(field);
    expect(await world.restapi('bad')).toBeUndefined();
  });

  test('a name too long for its children', async () => {
    expect(await world.refusal(sample('a'.repeat(41)))).toContain('metadata.name');
  });
});

test('what the API server let in but is invalid is shown as a condition, and nothing is made of it', async () => {
  // As after an upgrade that made a rule stricter: the CRD of the day took the object.
  const crd = 'crd/restapis.restapi.dev';
  const before = await world.kubectl('get', crd, '-o', 'json');
  const loose = JSON.parse(before);
  const { schema } = loose.spec.versions[0];
  delete schema.openAPIV3Schema.properties.spec.properties.image['x-kubernetes-validations'];
  delete loose.metadata.resourceVersion;
  delete loose.metadata.managedFields;
  await world.cluster.kubectl(['replace', '-f', '-'], { input: JSON.stringify(loose) });
  try {
    await eventually(async () => {
      await world.apply(sample('old', { image: 'not an image' }));
      return true;
    });
    const old = await eventually(async () => {
      const api = await world.restapi('old');
      return api?.status?.phase === 'Failed' ? api : undefined;
    });
    expect(old.status?.conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'InvalidSpec', message: expect.stringContaining('spec.image') },
    ]);
    expect(await world.generated('old')).toEqual([]);
    expect(old.metadata.finalizers).toBeUndefined();
    // Events are written beside the rest.
    await eventually(async () => {
      const events = await world.list<{ reason: string; note: string }>('events.events.k8s.io');
      return events.some(({ reason, note }) => reason === 'InvalidSpec' && note.includes('spec.image'));
    });

    // Mended, it runs.
    await world.kubectl(
      'patch',
      'restapi',
      'old',
      '--type=merge',
      '-p',
      '{"spec":{"image":"registry.example.com/old:1"}}',
    );
    await world.untilReady('old');
  } finally {
    const strict = JSON.parse(before);
    delete strict.metadata.resourceVersion;
    delete strict.metadata.managedFields;
    await world.cluster.kubectl(['replace', '-f', '-'], { input: JSON.stringify(strict) });
  }
});

test('a name taken by somebody else: never touched, told, and taken up when it is free', async () => {
  await world.kubectl('create', 'configmap', 'late-env', '--from-literal=theirs=1');
  await world.kubectl('create', 'service', 'clusterip', 'late-view', '--tcp=80');
  const [theirs, service] = [await world.get('configmap', 'late-env'), await world.get('service', 'late-view')];
  await world.apply(sample('late'));
  const late = await eventually(async () => {
    const api = await world.restapi('late');
    return api?.status?.conditions?.some(({ type }) => type === 'NameConflict') ? api : undefined;
  });
  expect(late.status).toMatchObject({ phase: 'Failed' });
  expect(late.status?.conditions).toMatchObject([
    { type: 'Ready', status: 'False', reason: 'NameConflict' },
    {
      type: 'NameConflict',
      status: 'True',
      message: expect.stringMatching(/ConfigMap late-env.*Service late-view|Service late-view.*ConfigMap late-env/),
    },
  ]);
  await sleep(1_500);
  expect(await world.get('configmap', 'late-env')).toEqual(theirs);
  expect(await world.get('service', 'late-view')).toEqual(service);

  await world.kubectl('delete', 'configmap/late-env', 'service/late-view');
  await world.untilReady('late');
  expect((await world.restapi('late'))?.status?.conditions).toHaveLength(1);
});

test('a child the API server refuses: told, and nobody else is disturbed', async () => {
  await world.kubectl('create', 'namespace', 'tight');
  await world.kubectl('create', 'quota', 'few', '-n', 'tight', '--hard=count/deployments.apps=2');
  // Until it has counted, it refuses everything with another message.
  await eventually(
    async () => (await world.get<{ status?: { used?: object } }>('resourcequota', 'few', 'tight'))?.status?.used,
    { what: 'the quota counts' },
  );
  const object = sample('tight') as { metadata: { namespace: string } };
  object.metadata.namespace = 'tight';
  await world.apply(object);
  const api = await eventually(async () => {
    const now = await world.restapi('tight', 'tight');
    return now?.status?.phase === 'Failed' ? now : undefined;
  });
  expect(api.status?.conditions?.[0]).toMatchObject({
    type: 'Ready',
    status: 'False',
    reason: 'ApplyFailed',
    message: expect.stringContaining('exceeded quota: few'),
  });
  await world.apply(sample('neighbour'));
  await world.untilReady('neighbour');
  await world.kubectl('delete', 'quota', 'few', '-n', 'tight');
  await world.untilReady('tight', { namespace: 'tight' });
});

test('a namespace that is deleted takes its RestAPIs with it', async () => {
  await world.kubectl('delete', 'namespace', 'tight', '--timeout=60s');
  expect((await world.restapi('good'))?.status?.phase).toBe('Ready');
});
