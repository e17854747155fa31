import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type ControlPlane, ensureBinaries, isWrite, startControlPlane } from '../../../operator/testkit/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { established } from '../../support/established.ts';
import { sample } from '../../support/operator-cluster.ts';
import { StartProcess } from './start-process.ts';

const BASE = join(packageRoot(), 'kustomize', 'base');

let cluster: ControlPlane;
/** A kubeconfig whose context `mine` is not the current one. */
let kubeconfig: string;
let path: string;

beforeAll(async () => {
  cluster = await startControlPlane();
  const person = await cluster.kubeConfigFor({ name: 'person', groups: ['system:masters'] });
  const [context] = person.getContexts();
  person.contexts = [
    { name: 'elsewhere', cluster: String(context?.cluster), user: String(context?.user) },
    { name: 'mine', cluster: String(context?.cluster), user: String(context?.user) },
  ];
  person.setCurrentContext('elsewhere');
  kubeconfig = join(cluster.dir, 'person.kubeconfig');
  await writeFile(kubeconfig, person.exportConfig(), { mode: 0o600 });
  const kubectl = (await ensureBinaries(['kubectl'])).get('kubectl') as string;
  path = `${dirname(kubectl)}:${process.env.PATH}`;
});
afterAll(() => cluster?.stop());

const run = (...args: string[]) => StartProcess.run(args, { env: { KUBECONFIG: kubeconfig, PATH: path } });

async function kubectl(args: string[], input?: string): Promise<void> {
  const { exitCode, stderr } = await cluster.kubectl(args, input === undefined ? {} : { input });
  if (exitCode !== 0) throw new Error(stderr);
}

async function apply(...objects: object[]): Promise<void> {
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

test('an unknown context: the error lists the available ones', async () => {
  await using start = await run('--context', 'other');
  expect(await start.exit()).toBe(1);
  expect(start.output).toContain(`${kubeconfig} has no context "other"; available: elsewhere, mine`);
});

test('a missing kubeconfig: the error says how to name one', async () => {
  await using start = await run('--context', 'mine', '--kubeconfig', '/nowhere/config');
  expect(await start.exit()).toBe(1);
  expect(start.output).toContain('kubeconfig /nowhere/config not found. Use --kubeconfig FILE');
});

test('without the CRD nothing is written, and the command in the error installs it', async () => {
  const mark = await cluster.auditMark();
  await using start = await run('--context', 'mine', '--kubeconfig', kubeconfig);
  expect(await start.exit()).toBe(1);
  expect(start.output).toContain('the cluster of context "mine" does not serve RestAPIs');
  expect(await writesOf('person', mark)).toEqual([]);

  const [, command = ''] = /^ {2}(kubectl .*)$/m.exec(start.output) ?? [];
  expect(command).toContain(' --context mine apply ');
  execFileSync('sh', ['-c', command], { env: { PATH: path, HOME: cluster.dir }, stdio: 'pipe' });
  await established(cluster, 'restapis.restapi.dev');
});

test('--context runs the operator on that cluster and changes nothing else', async () => {
  await kubectl(['create', 'namespace', 'hidden']);
  await apply(sample('shop', { replicas: 2 }), {
    ...sample('other'),
    metadata: { name: 'other', namespace: 'hidden' },
  });
  const mark = await cluster.auditMark();
  await using start = await run('--context', 'mine', '--namespace', 'default');
  await start.says(/RestAPI default\/shop {2}Ready {2}8\/8 pods ready/);
  // No local cluster, no other file than the log.
  expect(await start.files()).toEqual(['state']);
  expect(await readdir(join(start.tmp, 'state', 'restapi-operator'))).toEqual(['mine.log']);
  expect(start.output).toContain(join(start.tmp, 'state', 'restapi-operator', 'mine.log'));

  await kubectl(['patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"replicas":1}}']);
  await start.says(/Ready {2}4\/4 pods ready/);
  start.kill('SIGINT');
  expect(await start.exit(), start.output).toBe(0);
  expect(start.output).not.toContain('hidden');

  const writes = await writesOf('person', mark);
  expect(writes.length).toBeGreaterThan(9);
  expect(new Set(writes.map(({ agent }) => agent))).toEqual(new Set(['restapi-operator']));
  const allowed = await writable();
  expect(writes.filter(({ resource }) => !allowed.has(`${resource}`))).toEqual([]);
  expect(new Set(writes.map(({ namespace }) => namespace))).toEqual(new Set(['default']));
  // Created objects stay.
  await kubectl(['get', 'deployment', 'shop-view']);
});

test('the rights of kustomize/base are sufficient for the operator and the table', async () => {
  await kubectl(['apply', '-k', BASE]);
  const account = await cluster.serviceAccountKubeConfig('restapi-system', 'restapi-operator');
  const file = join(cluster.dir, 'account.kubeconfig');
  await writeFile(file, account.exportConfig(), { mode: 0o600 });
  await using start = await run('--context', account.getCurrentContext(), '--kubeconfig', file);
  await start.says(/RestAPI default\/shop {2}Ready.*\n.*\n.*\n {2}model +1\/1 +shop-model:8080 .* {2}1 Running\n/);
  await start.says(/RestAPI hidden\/other {2}Ready {2}4\/4 pods ready/);
  start.kill('SIGHUP');
  expect(await start.exit(), start.output).toBe(0);
});

test('--install-crd installs the CRD', async () => {
  await kubectl(['delete', 'crd', 'restapis.restapi.dev', '--wait=false']);
  await kubectl(['patch', 'restapi', 'shop', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
  await kubectl([
    'patch',
    'restapi',
    'other',
    '-n',
    'hidden',
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":null}}',
  ]);
  await kubectl(['wait', '--for=delete', 'crd/restapis.restapi.dev', '--timeout=90s']);
  const mark = await cluster.auditMark();
  await using start = await run('--context', 'mine', '--install-crd');
  await start.says(/No RestAPI yet/);
  start.kill('SIGTERM');
  expect(await start.exit(), start.output).toBe(0);
  expect((await writesOf('person', mark)).map(({ resource }) => resource)).toEqual(['customresourcedefinitions']);
  await kubectl(['get', 'restapis']);
});

/** Resources that the role of the operator allows to write. */
async function writable(): Promise<Set<string>> {
  const role = parse(await readFile(join(BASE, 'cluster-role.yaml'), 'utf8')) as {
    rules: { resources: string[]; verbs: string[] }[];
  };
  const writing = role.rules.filter(({ verbs }) => verbs.some((verb) => isWrite({ verb })));
  return new Set(writing.flatMap(({ resources }) => resources.map((resource) => resource.split('/')[0] ?? '')));
}

interface Write {
  agent: string | undefined;
  resource: string | undefined;
  namespace: string | undefined;
}

async function writesOf(user: string, mark: Awaited<ReturnType<ControlPlane['auditMark']>>): Promise<Write[]> {
  return (await cluster.auditSince(mark))
    .filter((event) => event.user.username === user && isWrite(event))
    .map(({ userAgent, objectRef }) => ({
      agent: userAgent?.split('/')[0],
      resource: objectRef?.resource,
      namespace: objectRef?.namespace,
    }));
}
