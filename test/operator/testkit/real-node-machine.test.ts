import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { realNodesObstacle } from '../../../operator/testkit/index.ts';
import { cgroupObstacle } from '../../../operator/testkit/node/machine.ts';

const isRoot = process.getuid?.() === 0;
const KIT = join(import.meta.dirname, '../../../operator/testkit/index.ts');

const user = (id: number) => vi.spyOn(process as { getuid(): number }, 'getuid').mockReturnValue(id);

afterEach(() => vi.restoreAllMocks());

test('a user other than root is asked to use root', () => {
  user(1000);
  expect(realNodesObstacle()).toBe(
    process.platform === 'linux'
      ? 'namespaces and cgroups need root: run it as root, for example with sudo'
      : `containers need Linux, and this is ${process.platform}`,
  );
});

test('missing programs are named with what to install', () => {
  user(0);
  vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
  expect(realNodesObstacle({ PATH: '/nowhere' })).toBe(
    'bash, unshare, nsenter, mount, umount, ip missing: install bash, util-linux and iproute2',
  );
});

test('another system than Linux is named', () => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
  expect(realNodesObstacle()).toBe('containers need Linux, and this is darwin');
});

test.skipIf(!isRoot)(
  'a user without rights gets the reason from startControlPlane() (skipped where the tests run without root)',
  async () => {
    const script = `
    const { startControlPlane } = await import(${JSON.stringify(KIT)});
    await startControlPlane({ realNodes: 1 }).catch((error) => console.log(error.message));`;
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const { stdout } = await promisify(execFile)('setpriv', [
      ...nobody,
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ]);
    expect(stdout).toBe(
      'the option realNodes cannot be used here: namespaces and cgroups need root: run it as root, for example with sudo\n',
    );
  },
);

test.skipIf(!isRoot)(
  'root without CAP_NET_ADMIN gets the reason (skipped where the tests run without root)',
  async () => {
    const script = `console.log((await import(${JSON.stringify(KIT)})).realNodesObstacle())`;
    const args = ['--bounding-set=-net_admin', process.execPath, '--input-type=module', '-e', script];
    expect((await promisify(execFile)('setpriv', args)).stdout).toContain('root lacks the capability');
  },
);

/** A folder that looks like mounted cgroups. */
async function cgroups(files: Record<string, string>): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'cgroups-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const CONTROLLERS = 'cpuset cpu io memory pids\n';

test.each([
  ['v1', { 'cpu/cgroup.procs': '1\n', 'memory/cgroup.procs': '1\n', 'pids/cgroup.procs': '1\n' }, undefined],
  ['v2', { 'cgroup.controllers': CONTROLLERS, 'cgroup.subtree_control': 'cpu\n', 'cgroup.procs': '1\n' }, undefined],
  ['none', {}, 'no cgroups are mounted at FOLDER'],
  [
    'v2 without memory',
    { 'cgroup.controllers': 'cpu pids\n', 'cgroup.procs': '' },
    'the cgroups at FOLDER lack the controller memory',
  ],
  [
    'v1 without memory',
    { 'cpu/cgroup.procs': '1\n', 'pids/cgroup.procs': '' },
    'the cgroups at FOLDER lack the controller memory',
  ],
  [
    'v2 of a container that has processes in its root',
    {
      'cgroup.controllers': CONTROLLERS,
      'cgroup.subtree_control': '',
      'cgroup.procs': '1\n',
      'cgroup.type': 'domain\n',
    },
    'the cgroup of this container has processes of its own, so it can pass no controllers on: ' +
      'run the container with the cgroup namespace of its machine (docker run --cgroupns=host)',
  ],
  [
    'v2 of a container that passes its controllers on',
    {
      'cgroup.controllers': CONTROLLERS,
      'cgroup.subtree_control': CONTROLLERS,
      'cgroup.procs': '',
      'cgroup.type': 'domain\n',
    },
    undefined,
  ],
])('cgroups: %s', async (_, files, obstacle) => {
  await using made = await cgroups(files as Record<string, string>);
  expect(cgroupObstacle(made.folder)).toBe(obstacle?.replace('FOLDER', made.folder));
});
