import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ensureBinaries } from '../../../operator/testkit/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';
import { StartProcess } from './start-process.ts';

const COMPONENTS = [
  'model       2/2    shop-model:8080       registry.example.com/shop:1.0.0  2 Running',
  'view        2/2    shop-view:3000        registry.example.com/shop:1.0.0  2 Running',
  'controller  3/3    shop-controller:8081  registry.example.com/shop:1.0.0  3 Running',
  'repository  1/1    shop-repository:8082  registry.example.com/shop:1.0.0  1 Running',
];

test('--once shows the ready sample, exits with 0 and leaves nothing behind', async () => {
  await using start = await StartProcess.run(['--once']);
  expect(await start.exit(), start.output).toBe(0);
  expect(start.leftovers()).toEqual([]);
  for (const line of COMPONENTS) expect(start.output).toContain(line);
  expect(start.output).toContain('RestAPI default/shop  Ready  8/8 pods ready');
  expect(start.output.match(/^\[\d\/6\] /gm)).toHaveLength(6);
  expect(start.output.match(/COMPONENT/g)).toHaveLength(1);
  // Plain lines: no escape sequence, no carriage return.
  expect(start.output).not.toMatch(/[^\P{Cc}\n]/u);
});

test('Ctrl-C while the cluster starts exits with 0 and leaves nothing behind', async () => {
  await using start = await StartProcess.run([]);
  await start.says(/\[2\/6\]/);
  await sleep(700);
  start.kill('SIGINT');
  expect(await start.exit(), start.output).toBe(0);
  expect(start.output).toContain('Stopping the local Kubernetes');
  expect(start.leftovers()).toEqual([]);
});

test('--once: an interruption exits with 130', async () => {
  await using start = await StartProcess.run(['--once']);
  await start.says(/\[1\/6\]/);
  start.kill('SIGINT');
  expect(await start.exit(), start.output).toBe(130);
  expect(start.leftovers()).toEqual([]);
});

test('the table follows the commands to try; Ctrl-C stops everything with exit code 0', async () => {
  await using start = await StartProcess.run([]);
  await start.says(/Press Ctrl-C to stop and remove everything[\s\S]*repository .* 1 Running/);
  const log = await start.says(/Operator log: (.*)/);
  expect(log[1]?.startsWith(start.tmp)).toBe(true);

  const kubectl = (await ensureBinaries(['kubectl'])).get('kubectl') as string;
  const [, exportLine, patch, deletion] =
    /(export KUBECONFIG=.*)\n.* get restapi shop -w\n.*?kubectl (patch .*)\n.*?kubectl (delete .*)\n/.exec(
      start.output,
    ) ?? [];
  const run = (command?: string) =>
    execFileSync('sh', ['-c', `${exportLine}; '${kubectl}' ${command}`], { encoding: 'utf8' });
  run(patch);
  await start.says(/view +2\/2 .*shop:2\.0\.0 +2 Running/);
  const uid = () => run("get deployment shop-view --ignore-not-found -o jsonpath='{.metadata.uid}'");
  const before = uid();
  run(deletion);
  await eventually(() => uid() !== '' && uid() !== before, { what: 'shop-view is created again' });

  start.kill('SIGINT');
  expect(await start.exit(), start.output).toBe(0);
  expect(start.output).toContain('Stopping the operator and the local Kubernetes');
  expect(start.leftovers()).toEqual([]);
});

test('after kill -9 soon everything is gone', async () => {
  await using start = await StartProcess.run([]);
  await start.says(/Ready {2}8\/8/);
  expect(start.leftovers().length).toBeGreaterThan(6);
  start.kill('SIGKILL');
  await start.exit();
  await start.untilGone();
});

test('after kill -9 of npm soon everything is gone', async () => {
  // npm itself would need the package's script; what matters is a parent that is called npm and dies.
  const npm =
    'const { spawn } = require("node:child_process"); spawn(process.execPath, process.argv.slice(1), { stdio: "inherit" });';
  const script = join(packageRoot(), 'dist', 'src', 'local', 'start.js');
  await using start = await StartProcess.run([], {
    program: ['-e', npm, script],
    env: { npm_lifecycle_event: 'start' },
  });
  await start.says(/\[3\/6\]/);
  start.kill('SIGKILL');
  await start.untilGone();
});

test('if a component of the cluster dies, prints its log, exits with 1 and leaves nothing behind', async () => {
  await using start = await StartProcess.run([]);
  await start.says(/Ready {2}8\/8/);
  const line = start.leftovers().find((process) => process.includes('kube-scheduler --'));
  process.kill(Number(line?.trim().split(' ')[0]), 'SIGKILL');
  expect(await start.exit()).toBe(1);
  expect(start.output).toContain('kube-scheduler of the local Kubernetes has exited');
  expect(start.leftovers()).toEqual([]);
});

test('if a step fails, names it, exits with 1 and leaves nothing behind', async () => {
  await using start = await StartProcess.run([], {
    env: {
      CONTROL_PLANE_ASSETS: '',
      KUBEBUILDER_ASSETS: '',
      CONTROL_PLANE_DOWNLOAD: 'off',
      PATH: '',
      CONTROL_PLANE_CACHE: '/dev/null/no',
    },
  });
  expect(await start.exit()).toBe(1);
  expect(start.output).toContain('Step failed: Get the Kubernetes binaries');
  expect(start.leftovers()).toEqual([]);
});

test('--real, where there can be no real node, says what is missing and what works instead', async () => {
  await using start = await StartProcess.run(['--real'], { env: { PATH: '/nowhere' } });
  expect(await start.exit()).toBe(1);
  expect(start.output).toMatch(
    /^\n--real cannot run containers here: .+\.\n {2}For the same with .*:\n {2}npm start\n$/,
  );
  expect(start.leftovers()).toEqual([]);
});

test('refuses an unknown flag and prints the usage', async () => {
  await using start = await StartProcess.run(['--onse']);
  expect(await start.exit()).toBe(2);
  expect(start.output).toMatch(/^Unknown option '--onse'[\s\S]*--context NAME/);
});

test('--help prints the usage', async () => {
  await using start = await StartProcess.run(['--help']);
  expect(await start.exit()).toBe(0);
  expect(start.output).toContain('npm start -- --once');
});
