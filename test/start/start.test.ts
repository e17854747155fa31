import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isWrite, startControlPlane } from '../../operator/testkit/index.ts';
import { packageRoot } from '../../src/package-root.ts';
import { eventually, sample } from '../operator/world.ts';

let temp: string;
beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'start-test-'));
});
afterEach(() => rm(temp, { recursive: true, force: true }));

/** `npm start` without the build, with a temporary folder of its own. */
function start(...args: string[]) {
  const script = join(packageRoot(), 'dist', 'src', 'start', 'start.js');
  const child = spawn(process.execPath, [script, ...args], { cwd: temp, env: { ...process.env, TMPDIR: temp } });
  const output = { text: '' };
  const collect = (data: Buffer) => {
    output.text += String(data);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return { child, output, exit };
}

/** Processes that have something to do with our temporary folder, by /proc (elsewhere: none are seen). */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc').catch(() => [])) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder)) found.push(`${pid} ${command.replaceAll('\0', ' ').slice(0, 100)}`);
  }
  return found;
}

async function nothingIsLeft(): Promise<void> {
  const deadline = { timeoutMs: 10_000 };
  await eventually(async () => (await processesOf(temp)).length === 0, { ...deadline, what: 'no process left' });
  await eventually(async () => (await clusterFolders()).length === 0, { ...deadline, what: 'no folder left' });
}

async function clusterFolders(): Promise<string[]> {
  return (await readdir(temp, { recursive: true })).filter((path) => /cluster-[^/]*$/.test(path));
}

const tableIsThere = ({ output }: { output: { text: string } }) =>
  eventually(() => output.text.includes('All components are ready'), { what: 'the table' });

test('--once: a RestAPI becomes four running components, and nothing is left', async () => {
  const { output, exit } = start('--once');
  expect(await exit).toBe(0);
  const table = output.text.slice(output.text.lastIndexOf('RestAPI default/shop'));
  expect(table).toContain('RestAPI default/shop  Ready  8/8 pods ready  All components are ready');
  expect(table).toMatch(/model +2\/2 +shop-model:8080 +2 Running +registry\.example\.com\/shop:1\.0\.0/);
  expect(table).toMatch(/view +2\/2 +shop-view:3000 +2 Running/);
  expect(table).toMatch(/controller +3\/3 +shop-controller:8081 +3 Running/);
  expect(table).toMatch(/repository +1\/1 +shop-repository:8082 +1 Running/);
  // Not a terminal: no control characters.
  expect(output.text).not.toContain('\u001b');
  await nothingIsLeft();
});

test('Ctrl-C, before and after it is ready, ends everything with exit code 0', async () => {
  const early = start();
  await eventually(async () => (await processesOf(temp)).some((line) => line.includes('etcd')), { everyMs: 20 });
  early.child.kill('SIGINT');
  expect(await early.exit).toBe(0);
  await nothingIsLeft();

  const ready = start();
  await tableIsThere(ready);
  expect(await processesOf(temp)).not.toEqual([]);
  ready.child.kill('SIGINT');
  expect(await ready.exit).toBe(0);
  expect(ready.output.text).toContain('Stopping');
  await nothingIsLeft();
});

test('kill -9 of the script leaves nothing behind either', async () => {
  const script = start();
  await tableIsThere(script);
  script.child.kill('SIGKILL');
  await script.exit;
  await nothingIsLeft();
});

test('--context: runs the operator on that cluster and touches nothing else', async () => {
  await using cluster = await startControlPlane();
  const kubeconfig = ['--kubeconfig', cluster.kubeconfigPath];
  const context = cluster.kubeConfig.getCurrentContext();

  const unknown = start('--context', 'nowhere', ...kubeconfig);
  expect(await unknown.exit).toBe(1);
  expect(unknown.output.text).toContain(`the kubeconfig has no context nowhere; it has: ${context}`);

  const mark = await cluster.auditMark();
  const ours = async () =>
    (await cluster.auditSince(mark)).filter(({ userAgent }) => /^(npm-start|restapi-operator)/.test(userAgent ?? ''));
  const bare = start('--context', context, ...kubeconfig);
  expect(await bare.exit).toBe(1);
  expect(bare.output.text).toContain('has no RestAPI CRD');
  const file = join(packageRoot(), 'crds', 'restapis.restapi.dev.yaml');
  expect(bare.output.text).toContain(`kubectl --context ${context} apply -f ${file}`);
  expect((await ours()).length).toBeGreaterThan(0);
  expect((await ours()).filter(isWrite)).toEqual([]);

  const running = start('--context', context, ...kubeconfig, '--install-crd');
  await eventually(() => running.output.text.includes('No RestAPI yet'), { what: 'the table' });
  expect((await processesOf(temp)).filter((line) => /etcd|apiserver/.test(line))).toEqual([]);
  // It applied nothing but the CRD.
  const written = (await ours()).filter(isWrite).map(({ objectRef }) => objectRef?.resource);
  expect(written).toEqual(['customresourcedefinitions']);
  await writeFile(join(temp, 'shop.json'), JSON.stringify(sample('shop')));
  await cluster.kubectl(['apply', '-f', join(temp, 'shop.json')]);
  await tableIsThere(running);
  running.child.kill('SIGTERM');
  expect(await running.exit).toBe(0);
  // What it made stays.
  const { stdout } = await cluster.kubectl(['get', 'restapi', 'shop', '-o', 'jsonpath={.status.phase}']);
  expect(stdout).toBe('Ready');
});
