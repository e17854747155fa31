import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../../operator/testkit/ports.ts';
import { operatorImage } from '../../../src/tools/image/operator-image.ts';
import { RUNTIME_PROGRAM, type Runtime, runtimePackage } from '../../../src/tools/image/runtime.ts';
import { parseBom } from '../../support/cyclonedx.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { canRunImages, UnpackedImage } from '../../support/run-image.ts';

let folder: string;
let world: OperatorCluster;
beforeAll(async () => {
  if (!canRunImages) return;
  folder = await mkdtemp(join(tmpdir(), 'operator-image-test-'));
  world = await OperatorCluster.start();
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test.runIf(canRunImages).each<[Runtime, string]>([
  ['node', 'docker.io/library/restapi-operator:0.0.9'],
  ['deno', 'docker.io/library/restapi-operator:0.0.9-deno'],
])('the image for %s reconciles a RestAPI with its own files alone, read-only, as nonroot', async (runtime, name) => {
  const path = join(folder, `${runtime}.tar`);
  expect((await operatorImage(path, { runtime, version: '0.0.9' })).name).toBe(name);
  const image = await UnpackedImage.unpack(path, folder);
  await expectDocumented(image.root, runtime);
  const env = await image.mountServiceAccount(world.operatorConfig);
  const [health, metrics] = await freePorts(2);
  const flags = ['--leader-elect', `--health-address=127.0.0.1:${health}`, `--metrics-address=127.0.0.1:${metrics}`];
  const mark = await world.cluster.auditMark();
  const operator = image.start(flags, { ...env, POD_NAME: `operator-${runtime}` });
  try {
    const ready = async () => (await fetch(`http://127.0.0.1:${health}/readyz`).catch(() => undefined))?.ok;
    await eventually(ready, { what: 'readiness' });
    await world.apply(sample(runtime));
    await world.untilReady(runtime);
    // Its cache shows it a moment after the API server does.
    const exposition = await eventually(async () => {
      const found = parseExposition(await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text());
      return found.sum('restapi_ready_replicas', { name: runtime }) === 4 && found;
    });
    expect(exposition.sum('process_cpu_seconds_total')).toBeGreaterThan(0);
    await world.kubectl('delete', 'restapi', runtime, '--timeout=90s');
    const agents = (await world.operatorRequests(mark)).map(({ userAgent }) => userAgent);
    expect(new Set(agents)).toEqual(new Set(['restapi-operator/0.0.9']));
    expect(await operator.end('SIGTERM')).toBe(0);
  } catch (error) {
    throw new Error(`the log of the operator: ${await readFile(operator.log, 'utf8')}`, { cause: error });
  } finally {
    await operator.end('SIGKILL');
  }
});

test.runIf(canRunImages)(
  'under Deno it may not read other files, write, start programs or load libraries',
  async () => {
    const path = join(folder, 'permissions.tar');
    await operatorImage(path, { runtime: 'deno' });
    const image = await UnpackedImage.unpack(path, folder);
    await image.mountServiceAccount(world.operatorConfig);
    const secrets = '/var/run/secrets/kubernetes.io/serviceaccount';
    const probe = `
    const tries = {
      token: () => Deno.readTextFileSync('${secrets}/token'),
      listen: () => Deno.listen({ hostname: '127.0.0.1', port: 0 }).close(),
      read: () => Deno.readTextFileSync('/etc/passwd'),
      readProc: () => Deno.readTextFileSync('/proc/self/environ'),
      write: () => Deno.writeTextFileSync('/tmp/file', ''),
      writeSecret: () => Deno.writeTextFileSync('${secrets}/token', ''),
      run: () => new Deno.Command('/deno/bin/deno', { args: ['--version'] }).outputSync(),
      load: () => Deno.dlopen('/lib/x86_64-linux-gnu/libc.so.6', {}),
      networkInterfaces: () => Deno.networkInterfaces(),
    };
    const results = Object.entries(tries).map(([name, attempt]) => {
      try {
        attempt();
        return [name, 'allowed'];
      } catch (error) {
        return [name, error.name];
      }
    });
    console.log(JSON.stringify(Object.fromEntries(results)));`;
    await writeFile(join(image.root, 'app', 'restapi-operator.mjs'), probe);
    const { stdout, stderr } = await image.run(image.entrypoint);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      token: 'allowed',
      listen: 'allowed',
      read: 'NotCapable',
      readProc: 'NotCapable',
      write: 'NotCapable',
      writeSecret: 'NotCapable',
      run: 'NotCapable',
      load: 'NotCapable',
      networkInterfaces: 'NotCapable',
    });
  },
);

/** Expects licenses and a bill of materials that has each program, library and other file of the image that is not the operator's. */
async function expectDocumented(root: string, runtime: Runtime): Promise<void> {
  const bom = parseBom(await readFile(join(root, 'app', 'restapi-operator.cdx.json'), 'utf8'));
  expect(bom.metadata.component).toMatchObject({ name: 'restapi-operator', version: '0.0.9' });
  const { version } = runtimePackage(runtime);
  expect(bom.components).toContainEqual(expect.objectContaining({ name: runtime, version, type: 'platform' }));
  const own = /^\/(app|usr\/share\/doc)\/|^\/\w+\/LICENSE$|^\/etc\/(passwd|group|nsswitch\.conf)$/;
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(root.length));
  const described = bom.components.flatMap(({ evidence }) => evidence?.occurrences ?? []).map((one) => one.location);
  expect(described.sort()).toEqual(files.filter((file) => !own.test(file)).sort());
  const license = join(root, dirname(dirname(RUNTIME_PROGRAM[runtime])), 'LICENSE');
  expect(await readFile(license, 'utf8')).toContain(runtime === 'node' ? 'Node.js' : 'Deno authors');
  for (const { name, purl } of bom.components) {
    const copyright = join('/usr/share/doc', name, 'copyright');
    if (purl?.startsWith('pkg:deb/')) expect(existsSync(join(root, copyright)), copyright).toBe(existsSync(copyright));
  }
  const licenses = await readFile(join(root, 'app', 'restapi-operator.mjs.LEGAL.txt'), 'utf8');
  expect(licenses).toContain(`  undici ${bom.components.find(({ name }) => name === 'undici')?.version} (MIT)`);
  expect(await readFile(join(root, 'app', 'LICENSE'), 'utf8')).toContain('Apache License');
}
