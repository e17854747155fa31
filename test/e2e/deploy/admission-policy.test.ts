import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JsonSchema, schemaOf } from '../../../operator/index.ts';
import { RestAPI } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';

const REFERENCE = /^(secretRef|configMapRef|secretKeyRef|configMapKeyRef|imagePullSecrets|serviceAccountName)$/;

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.kubectl('create', 'role', 'restapi-author', '--verb=get,create,patch', '--resource=restapis.restapi.dev');
  for (const user of ['author', 'reader', 'builder']) {
    await world.kubectl('create', 'rolebinding', user, '--role=restapi-author', `--user=${user}`);
  }
  await world.kubectl('create', 'role', 'builder', '--verb=create', '--resource=pods');
  await world.kubectl('create', 'rolebinding', 'pods', '--role=builder', '--user=builder');
  const named = ['--resource-name=mine'];
  await world.kubectl('create', 'role', 'reader', '--verb=get', '--resource=secrets,configmaps', ...named);
  await world.kubectl('create', 'rolebinding', 'mine', '--role=reader', '--user=reader');
  await world.kubectl('create', 'role', 'token', '--verb=create', '--resource=serviceaccounts/token', ...named);
  await world.kubectl('create', 'rolebinding', 'token', '--role=token', '--user=reader');
  // The policy takes effect shortly after its creation.
  await eventually(async () => (await tryAs('author', with_('spec.imagePullSecrets[]', 'theirs'))).includes('denied'));
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** Output of kubectl when a user applies an object as a dry run. */
async function tryAs(user: string, object: object, ...flags: string[]): Promise<string> {
  const args = ['apply', '--server-side', '--dry-run=server', `--as=${user}`, ...flags, '-f', '-'];
  const { stdout, stderr } = await world.cluster.kubectl(args, { input: JSON.stringify(object) });
  return stdout + stderr;
}

/** Paths of the spec that reference a Secret, ConfigMap or ServiceAccount; `[]` stands for list items. */
function references(schema: JsonSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}.${name}${field.items ? '[]' : ''}`;
    return REFERENCE.test(name) ? [at] : references(field.items ?? field, at);
  });
}

/** A RestAPI that references an object at one of those paths. */
function with_(path: string, name: string): object {
  const steps = path.replace('spec.', '').split('.');
  const value = steps.reduceRight<unknown>((inner, step) => {
    const key = step.replace('[]', '');
    const element =
      inner ?? (key === 'serviceAccountName' ? name : key.includes('Key') ? { name, key: 'k' } : { name });
    const named = key === 'env' ? { name: 'A', ...(element as object) } : element;
    return { [key]: step.endsWith('[]') ? [named] : named };
  }, undefined);
  return sample('tried', value as object);
}

const PATHS = references(schemaOf(RestAPI).properties?.spec ?? {}, 'spec');

test('the spec has the known number of references', () => {
  expect(PATHS).toHaveLength(1 + 4 * 6);
});

test.each(PATHS)('%s: users cannot reference objects they may not use', async (path) => {
  const refused = await tryAs('author', with_(path, 'mine'));
  expect(refused).toMatch(
    /denied request: you may not use .*\/mine in a RestAPI: .*, or to create pods in namespace default/,
  );
  expect(await tryAs('reader', with_(path, 'mine'))).toContain('serverside-applied');
  expect(await tryAs('reader', with_(path, 'theirs'))).toContain('/theirs');
  expect(await tryAs('builder', with_(path, 'theirs'))).toContain('serverside-applied');
});

test('every author may create a RestAPI without references', async () => {
  expect(await tryAs('author', sample('tried'))).toContain('serverside-applied');
});

test('a user who may not use the referenced objects cannot change the image', async () => {
  await using _operator = { [Symbol.asyncDispose]: () => operator.stop() };
  const operator = await world.startOperator();
  await world.kubectl('create', 'secret', 'generic', 'db');
  await world.apply(
    sample('given', { model: { envFrom: [{ secretRef: { name: 'db' } }], serviceAccountName: 'own' } }),
  );
  // The operator, which may not use the ServiceAccount, adds its finalizer.
  await eventually(async () => (await world.restapi('given'))?.metadata.finalizers?.length === 1);
  const merge = (change: object) =>
    world.cluster.kubectl(['patch', 'restapi', 'given', '--as=author', '--type=merge', '-p', JSON.stringify(change)]);
  expect((await merge({ spec: { image: 'theirs' } })).stderr).toContain('denied');
  expect((await merge({ metadata: { annotations: { look: 'here' } } })).exitCode).toBe(0);
});

test('more references than the policy can check are rejected with a message', async () => {
  const envFrom = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ secretRef: { name: `s-${from + index}` } }));
  const many = sample('tried', { model: { envFrom: envFrom(0, 11) }, view: { envFrom: envFrom(11, 10) } });
  expect(await tryAs('author', many)).toContain('references more than 20 ConfigMaps and Secrets');
  expect(await tryAs('builder', many)).toContain('serverside-applied');
  const most = sample('tried', { model: { envFrom: envFrom(0, 10) }, view: { envFrom: envFrom(10, 10) } });
  await world.kubectl('create', 'role', 'all', '--verb=get', '--resource=secrets');
  await world.kubectl('create', 'rolebinding', 'all', '--role=all', '--user=collector');
  await world.kubectl('create', 'rolebinding', 'collector', '--role=restapi-author', '--user=collector');
  // The policy asks the authorizer, which hears of bindings a moment later.
  await eventually(async () => (await tryAs('collector', most)).includes('serverside-applied'));
});
