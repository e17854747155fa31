import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../../operator/testkit/ports.ts';
import { operatorImage } from '../../../src/tools/image/operator-image.ts';
import type { Runtime } from '../../../src/tools/image/runtime.ts';
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
