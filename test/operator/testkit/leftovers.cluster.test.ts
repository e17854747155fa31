import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ComponentError, startControlPlane } from '../../../operator/testkit/index.ts';
import { living, untilGone } from './processes.ts';

let parent: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'testkit-leftovers-'));
});

afterAll(async () => {
  expect(await readdir(parent)).toEqual([]);
  await rm(parent, { recursive: true });
});

/** Ten seconds on a machine that has time. */
const SOON_MS = 30_000;

interface ChildCluster {
  child: ChildProcess;
  dir: string;
  pids: Record<string, number>;
}

/** A cluster that belongs to a process of its own. */
async function startChild(mode: 'stay' | 'end' | 'throw'): Promise<ChildCluster> {
  const script = new URL('child-cluster.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, parent, mode], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(lines, 'close').then(() => Promise.reject(new Error(`the child has ended: ${errors}`))),
  ])) as [string];
  const { dir, pids } = JSON.parse(line) as Omit<ChildCluster, 'child'>;
  if (mode === 'stay') {
    expect(living(pids).sort()).toEqual(Object.keys(pids).sort());
    expect(existsSync(dir)).toBe(true);
  }
  return { child, dir, pids };
}

test('stop() ends every process and removes the folder, also of a paused server, and may be called again', async () => {
  const cluster = await startControlPlane({ dir: parent });
  const { dir, pids } = cluster;
  expect(Object.keys(pids)).toHaveLength(6);
  await cluster.pauseApiServer();
  await cluster.stop();
  await untilGone(dir, pids, 0);
  await cluster.stop();
  await expect(cluster.startApiServer()).rejects.toThrow('is stopped');
});

test('kill -9 of the test process: soon everything is gone', async () => {
  const { child, dir, pids } = await startChild('stay');
  child.kill('SIGKILL');
  await untilGone(dir, pids, SOON_MS);
});

test('Ctrl-C: soon everything is gone', async () => {
  const { child, dir, pids } = await startChild('stay');
  child.kill('SIGINT');
  await untilGone(dir, pids, SOON_MS);
});

test.each(['end', 'throw'] as const)(
  'a process that forgets stop() ends (%s), and so does its cluster',
  async (mode) => {
    const { child, dir, pids } = await startChild(mode);
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    expect(code).toBe(mode === 'end' ? 0 : 1);
    await untilGone(dir, pids, SOON_MS);
  },
);

test('kill -9 of the supervisor: the test process cleans up', async () => {
  const cluster = await startControlPlane({ dir: parent });
  const { dir, pids } = cluster;
  process.kill(cluster.pids.supervisor as number, 'SIGKILL');
  await untilGone(dir, pids, SOON_MS);
  await expect(cluster.startApiServer()).rejects.toThrow('supervisor ended');
  await cluster.stop();
});

test.each(['killed', 'stuck'])(
  'kill -9 of the test process, its supervisor %s: the next start clears up, and leaves living clusters alone',
  async (fate) => {
    const [dead, alive] = await Promise.all([startChild('stay'), startChild('stay')]);
    // The supervisor is stopped first, so that it cannot notice that the other is gone.
    process.kill(dead.pids.supervisor as number, 'SIGSTOP');
    dead.child.kill('SIGKILL');
    await once(dead.child, 'exit');
    if (fate === 'killed') process.kill(dead.pids.supervisor as number, 'SIGKILL');
    expect(living(dead.pids)).toContain('kube-apiserver');

    const next = await startControlPlane({ dir: parent, kwokNodes: 0, controllerManager: false, scheduler: false });
    // It has cleared up before it resolves: what is killed needs a moment to be gone.
    await untilGone(dead.dir, dead.pids, SOON_MS);
    expect(living(alive.pids).sort()).toEqual(Object.keys(alive.pids).sort());
    expect(existsSync(alive.dir)).toBe(true);
    await next.stop();
    alive.child.kill('SIGKILL');
    await untilGone(alive.dir, alive.pids, SOON_MS);
  },
);

test('a failing component is reported with its log, and nothing is left', async () => {
  const start = startControlPlane({ dir: parent, apiServerFlags: ['--no-such-flag'] });
  const error = await start.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ComponentError);
  expect((error as ComponentError).component).toBe('kube-apiserver');
  expect((error as ComponentError).message).toContain('unknown flag: --no-such-flag');
  expect(await readdir(parent)).toEqual([]);
});

test('an error for a port that was just taken is recognized', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const error = await startControlPlane({ dir: parent, apiServerFlags: [`--secure-port=${port}`] }).catch(
    (reason: unknown) => reason,
  );
  server.close();
  expect(error).toBeInstanceOf(ComponentError);
  expect((error as ComponentError).portTaken).toBe(true);
  expect(await readdir(parent)).toEqual([]);
});
