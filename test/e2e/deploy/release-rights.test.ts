import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { App, blueGreen } from '../../src/blue-green/support.ts';
import { Plugin, type User } from '../../src/cli/plugin.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { writeOverlayWith } from './overlays.ts';

/** Users, ServiceAccounts here, and which of the verbs that the policy asks for they have. All may patch RestAPIs. */
const USERS: Record<string, string[]> = {
  releaser: ['release'],
  author: ['update'],
  patcher: [],
  editor: ['update', 'release', 'skip-checks'],
  admin: ['update', 'release', 'skip-checks'],
  gitops: ['update', 'release', 'skip-checks'],
};

let plugin: Plugin;
let world: OperatorCluster;
beforeAll(async () => {
  plugin = await Plugin.install();
  world = await OperatorCluster.start({
    kustomization: await writeOverlayWith('release-rights', join(plugin.dir, 'overlay')),
  });
  const verbs = { author: 'get,list,watch,create,update,patch', patcher: 'get,list,watch,patch' };
  for (const [name, list] of Object.entries(verbs)) {
    await world.kubectl('create', 'role', name, `--verb=${list}`, '--resource=restapis.restapi.dev');
  }
  const roles = {
    releaser: '--clusterrole=restapi-releaser',
    author: '--role=author',
    patcher: '--role=patcher',
    editor: '--clusterrole=edit',
    admin: '--clusterrole=admin',
    gitops: '--clusterrole=cluster-admin',
  };
  for (const [name, role] of Object.entries(roles)) {
    await world.kubectl('create', 'serviceaccount', name);
    await world.kubectl('create', 'rolebinding', name, role, `--serviceaccount=default:${name}`);
  }
  const pending = { 'restapi.dev/reject': 'unknown', 'restapi.dev/skip-checks': 'unknown', theirs: 'kept' };
  const shop = blueGreen('shop') as { metadata: object };
  // It takes the API server a few seconds to learn for its policies what a new kind looks like.
  await eventually(() => world.apply({ ...shop, metadata: { ...shop.metadata, annotations: pending } }));
  // A policy and rights take effect shortly after their creation.
  await eventually(async () => (await change('patcher', { spec: { replicas: 5 } })).includes('denied'));
  for (const user of ['editor', 'admin', 'gitops']) {
    await eventually(async () => (await change(user, { spec: { replicas: 5 } })).includes('patched'));
  }
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await plugin?.[Symbol.asyncDispose]();
});

/** Output of kubectl when a user patches the RestAPI shop as a dry run. */
async function change(user: string, patch: object): Promise<string> {
  const args = ['patch', 'restapi', 'shop', '--type=merge', '--dry-run=server', '-p', JSON.stringify(patch)];
  const { stdout, stderr } = await world.cluster.kubectl([...args, `--as=system:serviceaccount:default:${user}`]);
  return stdout + stderr;
}

const annotation = (key: string, value: string | null) => ({ metadata: { annotations: { [key]: value } } });
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: '3d4a3f7e-2f3c-4c57-8ec7-0c0f7a1c2b3d' };

const CHANGES: [what: string, patch: object, needs: string[]][] = [
  ['promotion', annotation('restapi.dev/promote', 'abc'), ['release']],
  ['rejection', annotation('restapi.dev/reject', 'abc'), ['release']],
  ['retry', annotation('restapi.dev/retry', 'abc'), ['release']],
  ['rollback', annotation('restapi.dev/rollback-to', 'abc'), ['release']],
  ['empty promotion', annotation('restapi.dev/promote', ''), ['release']],
  ['withdrawn rejection', annotation('restapi.dev/reject', null), ['release']],
  ['withdrawn skipping of checks', annotation('restapi.dev/skip-checks', null), ['release']],
  ['skipped checks', annotation('restapi.dev/skip-checks', 'abc'), ['skip-checks']],
  ['pause', { spec: { blueGreen: { paused: true } } }, ['release']],
  ['automatic promotion', { spec: { blueGreen: { autoPromotion: { enabled: false } } } }, ['release', 'update']],
  ['end of blue-green releases', { spec: { blueGreen: null } }, ['release', 'update']],
  ['pause with an image', { spec: { image: 'b:2', blueGreen: { paused: true } } }, ['release', 'update']],
  [
    'promotion with an image',
    { ...annotation('restapi.dev/promote', 'abc'), spec: { image: 'b:2' } },
    ['release', 'update'],
  ],
  ['image', { spec: { image: 'registry.example.com/shop:9.0.0' } }, ['update']],
  ['new field', { spec: { healthCheck: { path: '/ok' } } }, ['update']],
  ['removed field', { spec: { envVars: null } }, ['update']],
  ['label', { metadata: { labels: { team: 'a' } } }, ['update']],
  ['another annotation', annotation('theirs', 'changed'), ['update']],
  ['removed annotation', annotation('theirs', null), ['update']],
  ['annotation that looks similar', annotation('restapi.dev/promote-all', 'abc'), ['update']],
  ['finalizer', { metadata: { finalizers: ['example.com/hold'] } }, ['update']],
  ['owner', { metadata: { ownerReferences: [owner] } }, ['update']],
  ['author of another name', annotation('restapi.dev/changed-by', 'somebody'), ['update']],
  ['nothing', { spec: { replicas: 2 } }, []],
];

test.each(CHANGES)('%s: allowed to users with the verbs that it needs, and to no other', async (_, patch, needs) => {
  for (const [user, verbs] of Object.entries(USERS)) {
    const missing = needs.filter((verb) => !verbs.includes(verb));
    const answer = await change(user, patch);
    if (missing.length === 0) expect(answer, user).toMatch(/^restapi.restapi.dev\/shop patched/);
    else {
      expect(answer, user).toMatch(/denied request: .*this change requires the verb/);
      expect(missing, `${user}: ${answer}`).toContain(
        /requires the verb (\S+) on restapis in namespace default/.exec(answer)?.[1],
      );
    }
  }
});

test('a RestAPI that is created with a request needs the same verbs', async () => {
  const create = async (user: string, metadata: object) => {
    const object = JSON.stringify({ ...blueGreen('new'), metadata: { namespace: 'default', ...metadata } });
    const args = ['create', '--dry-run=server', `--as=system:serviceaccount:default:${user}`, '-f', '-'];
    const { stdout, stderr } = await world.cluster.kubectl(args, { input: object });
    return stdout + stderr;
  };
  const asking = { name: 'new', annotations: { 'restapi.dev/promote': 'abc' } };
  expect(await create('author', asking)).toContain('requires the verb release on restapis');
  expect(await create('editor', asking)).toContain('restapi.restapi.dev/new created');
  expect(await create('author', { name: 'new', labels: { team: 'a' } })).toContain('restapi.restapi.dev/new created');
  expect(await create('author', { generateName: 'new-' })).toMatch(/restapi.restapi.dev\/new-\w+ created/);
});

test('the API server finds no mistake in the expressions of the policy', async () => {
  const get = async () =>
    JSON.parse(await world.kubectl('get', 'validatingadmissionpolicy', 'restapi-release-rights', '-o=json'));
  const touch = '[{"op":"add","path":"/spec/matchConstraints/resourceRules/0/operations","value":["UPDATE","CREATE"]}]';
  // Checked again now that the CRD is served.
  await world.kubectl('patch', 'validatingadmissionpolicy', 'restapi-release-rights', '--type=json', '-p', touch);
  const { status } = await eventually(async () => {
    const policy = await get();
    return policy.status?.observedGeneration === policy.metadata.generation && policy;
  });
  expect(status.typeChecking?.expressionWarnings ?? []).toEqual([]);
});

test('one person edits, another one releases with the plugin, and the operator is not affected', async () => {
  await world.startOperator();
  const app = await App.start(world, 'live', { autoPromotion: { enabled: false }, scaleDownDelaySeconds: 600 });
  const as = async (name: string): Promise<User> =>
    plugin.as(await world.cluster.serviceAccountKubeConfig('default', name), name);
  const [author, releaser] = await Promise.all([as('author'), as('releaser')]);
  const image = '{"spec":{"image":"registry.example.com/shop:2.0.0"}}';
  expect((await releaser.kubectl(['patch', 'restapi', 'live', '--type=merge', '-p', image])).stderr).toContain(
    'update',
  );
  expect((await author.kubectl(['patch', 'restapi', 'live', '--type=merge', '-p', image])).exitCode).toBe(0);
  await app.until('the release is there', ({ release }) => release !== undefined);
  const refused = await author.restapi(['promote', 'live']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('requires the verb release on restapis in namespace default');
  const unchecked = await releaser.restapi(['promote', 'live', '--skip-checks']);
  expect(unchecked.stderr).toContain('requires the verb skip-checks on restapis');
  const promoted = await releaser.restapi(['promote', 'live', '--wait']);
  expect(promoted.stderr + promoted.stdout).toContain('will be promoted');
  expect(promoted.exitCode).toBe(0);
  await app.untilActive('green');
  // The operator has recorded the request and removed the annotation.
  await eventually(async () => (await app.get()).metadata.annotations?.['restapi.dev/promote'] === undefined);
  expect((await releaser.restapi(['pause', 'live'])).exitCode).toBe(0);
  expect((await releaser.restapi(['resume', 'live'])).exitCode).toBe(0);
  expect((await releaser.restapi(['rollback', 'live', '--wait'])).exitCode).toBe(0);
  await app.untilActive('blue');
  await world.kubectl('delete', 'restapi', 'live', '--timeout=90s');
});
