import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureBinaries } from '../../../operator/testkit/index.ts';
import { cgroupName } from '../../../operator/testkit/node/cgroups.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { StartProcess } from '../../src/local/start-process.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { outputPattern, tutorialSteps } from '../../support/tutorial-steps.ts';

const START_MS = 300_000;
const STEP_MS = 300_000;

const steps = tutorialSteps(readFileSync(join(packageRoot(), 'docs', 'tutorials', 'tour.md'), 'utf8'));

/** A reader follows docs/tutorials/tour.md: each command in order, and sees what the page says. */
describeOnRealNode('the tour', () => {
  let start: StartProcess;
  let env: Record<string, string>;

  beforeAll(async () => {
    start = await StartProcess.run(['--real', '--nodes', '2']);
    await start.says(/Press Ctrl-C to stop and remove everything/, START_MS);
    env = await readersEnvironment(start);
  }, START_MS + 60_000);
  afterAll(() => start?.[Symbol.asyncDispose]());

  test('the printed address serves the page of the shop', async () => {
    const [, url = ''] = /The shop: (\S+)/.exec(start.output) ?? [];
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<h1>Shop 1.0.0</h1>');
    expect(url).toBe(env.SHOP);
  });

  test.each(steps.map((step, at) => [`${at + 1}. ${step.section}`, step] as const))(
    '%s',
    async (_title, { commands, prints }) => {
      const output = await runAsReader(commands, env);
      expect(output).toMatch(outputPattern(prints));
    },
    STEP_MS,
  );

  test('Ctrl-C ends everything, with exit code 0', async () => {
    const cluster = dirname(env.KUBECONFIG ?? '');
    const cgroups = `/sys/fs/cgroup/{*/,}${cgroupName(cluster)}`;
    expect(existsSync(cluster)).toBe(true);
    expect(globSync(cgroups)).not.toEqual([]);
    start.kill('SIGINT');
    expect(await start.exit(), start.output).toBe(0);
    expect(start.output).toContain('Stopped and cleaned up.');
    expect(start.leftovers()).toEqual([]);
    expect(globSync(cgroups)).toEqual([]);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(cluster);
  }, 60_000);
});

/** The variables of the printed `export` line, and a PATH with kubectl and the plugin. */
async function readersEnvironment(start: StartProcess): Promise<Record<string, string>> {
  const [, exported = ''] = await start.says(/^ {2}export (KUBECONFIG=.*)$/m);
  const bin = join(start.tmp, 'state-bin');
  await mkdir(bin);
  const kubectl = (await ensureBinaries(['kubectl'])).get('kubectl') ?? '';
  await symlink(kubectl, join(bin, 'kubectl'));
  await symlink(join(packageRoot(), 'dist', 'src', 'cli', 'kubectl-restapi.js'), join(bin, 'kubectl-restapi'));
  const variables = Object.fromEntries(exported.split(' ').map((one) => one.split('=') as [string, string]));
  return { ...variables, HOME: bin, PATH: [bin, process.env.PATH].join(delimiter) };
}

/** Runs commands as a reader's shell does. @returns what they print on both outputs */
function runAsReader(commands: string, env: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    execFile('bash', ['-c', `exec 2>&1\n${commands}`], { env }, (_error, stdout) => resolve(stdout));
  });
}
