import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ControlPlaneOptions, startControlPlane } from '../../../operator/testkit/index.ts';
import { cgroupHierarchies, cgroupName } from '../../../operator/testkit/node/cgroups.ts';
import { eventually } from '../../support/eventually.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { changes, machineState, processesWith } from './machine-state.ts';
import { living, untilGone } from './processes.ts';

describeOnRealNode('a cluster with a real node leaves nothing behind', () => {
  let parent: string;
  let before: Record<string, string>;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'real-leftovers-'));
    before = await machineState();
  });
  afterEach(async () => {
    expect(await readdir(parent)).toEqual([]);
    await rm(parent, { recursive: true });
    expect(await processesWith(parent)).toEqual([]);
    expect(changes(before, await machineState())).toEqual([]);
  });

  /** The cgroups of a cluster's nodes that there are. */
  async function cgroupsOf(dir: string): Promise<string[]> {
    return (await cgroupHierarchies()).map((hierarchy) => join(hierarchy, cgroupName(dir))).filter(existsSync);
  }

  async function startChild(): Promise<{ child: ChildProcess; dir: string; pids: Record<string, number> }> {
    const script = join(import.meta.dirname, 'child-cluster.ts');
    const child = spawn(process.execPath, [script, parent, 'stay', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { dir, pids } = JSON.parse(line);
    expect(Object.keys(pids)).toEqual(expect.arrayContaining(['lan', 'relay', 'real-0', 'real-0/kubelet']));
    expect((await cgroupsOf(dir)).length).toBeGreaterThan(0);
    return { child, dir, pids };
  }

  async function expectGone(dir: string, pids: Record<string, number>): Promise<void> {
    await untilGone(dir, pids, 60_000);
    expect(await cgroupsOf(dir)).toEqual([]);
  }

  test('after stop(), also with a paused kubelet', async () => {
    const cluster = await startControlPlane({ dir: parent, realNodes: 1 });
    const { dir, pids } = cluster;
    expect((await cgroupsOf(dir)).length).toBeGreaterThan(0);
    await cluster.realNodes[0]?.pause('kubelet');
    await cluster.stop();
    await expectGone(dir, pids);
  });

  /** Starts a cluster that cannot be started. @returns the error, when nothing is left of its folders */
  async function failing(options: ControlPlaneOptions): Promise<Error> {
    const seen = new Set<string>();
    const look = async () => {
      for (const name of await readdir(parent)) seen.add(name);
    };
    const timer = setInterval(look, 20);
    const start = startControlPlane({ dir: parent, realNodes: 1, ...options });
    const error = await start.then(
      () => new Error('it has started'),
      (reason: Error) => reason,
    );
    clearInterval(timer);
    expect(seen.size).toBeGreaterThan(0);
    for (const name of seen) expect(await cgroupsOf(join(parent, name))).toEqual([]);
    return error;
  }

  test('after a failure of the API server while the node is being made', async () => {
    const error = await failing({ apiServerFlags: ['--no-such-flag'] });
    expect(error.message).toContain('unknown flag: --no-such-flag');
  });

  test.each([
    ['is missing', undefined],
    ['is none', 'no tar file'],
  ])('after an image that %s, which the error names', async (_, content) => {
    const folder = await mkdtemp(join(tmpdir(), 'broken-image-'));
    const tar = join(folder, 'broken.tar');
    if (content) await writeFile(tar, content);
    const error = await failing({ images: [tar] }).finally(() => rm(folder, { recursive: true }));
    expect(error.message).toContain('real-0');
    expect(error.message).toContain(tar);
  });

  test('after a containerd that does not start, whose log the error has', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'no-containerd-'));
    await writeFile(join(folder, 'containerd'), '#!/bin/sh\necho this is no containerd\nexit 3\n', { mode: 0o755 });
    const env = { ...process.env, CONTROL_PLANE_ASSETS: folder };
    const error = await failing({ env }).finally(() => rm(folder, { recursive: true }));
    expect(error.message).toContain('real-0/containerd ended (exit code 3)');
    expect(error.message).toContain('this is no containerd');
  });

  test('after kill -9 of the test process, while another cluster with the same addresses goes on', async () => {
    const [dead, alive] = await Promise.all([startChild(), startChild()]);
    dead.child.kill('SIGKILL');
    await expectGone(dead.dir, dead.pids);
    expect(living(alive.pids).sort()).toEqual(Object.keys(alive.pids).sort());
    alive.child.kill('SIGINT');
    await expectGone(alive.dir, alive.pids);
  });

  test('after kill -9 of the supervisor', async () => {
    const { child, dir, pids } = await startChild();
    process.kill(pids.supervisor as number, 'SIGKILL');
    await expectGone(dir, pids);
    child.kill('SIGKILL');
  });

  test('after kill -9 of both and the next start', async () => {
    const { child, dir, pids } = await startChild();
    process.kill(pids.supervisor as number, 'SIGSTOP');
    child.kill('SIGKILL');
    await once(child, 'exit');
    process.kill(pids.supervisor as number, 'SIGKILL');
    await eventually(() => !living(pids).includes('supervisor'));
    expect(living(pids)).toEqual(expect.arrayContaining(['real-0', 'real-0/kubelet', 'lan']));
    const next = await startControlPlane({ dir: parent, kwokNodes: 0, controllerManager: false, scheduler: false });
    await next.stop();
    await expectGone(dir, pids);
  });

  test('of a folder that a test has made on the node', async () => {
    const path = '/var/lib/of-a-real-node';
    await using cluster = await startControlPlane({ dir: parent, realNodes: 1 });
    const script = `mkdir -p ${path} /etc/of-a-real-node /run/of-a-real-node && hostname && cat /proc/sys/kernel/panic`;
    const { stdout, stderr } = (await cluster.realNodes[0]?.run(['sh', '-c', script])) ?? {};
    expect([stdout, stderr]).toEqual(['real-0\n10\n', '']);
    expect([path, '/etc/of-a-real-node', '/run/of-a-real-node'].filter(existsSync)).toEqual([]);
  });
});
