import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { packageRoot } from '../../src/package/package-root.ts';
import { App } from '../src/blue-green/support.ts';
import { Plugin, type User } from '../src/cli/plugin.ts';
import { openPage, startBrowser } from '../src/dashboard/browser.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';
import { terminalPicture } from './terminal-picture.ts';

// `npm run pictures`: creates the README's pictures from real commands and a real browser, on a control plane with our
// operator. Requires Linux: `script` takes other arguments elsewhere.

const FOLDER = join(packageRoot(), 'docs', 'pictures');
/** Size limit of a picture in bytes: every reader of the README loads it. */
const MOST_BYTES = 150_000;
/** How long a page is open before its picture is taken, in milliseconds. */
const SETTLE_MS = 1_500;
/** Columns of the terminal; output that is printed once is not cut. */
const COLUMNS = 110;

await using world = await OperatorCluster.start({ kwokNodes: 4, metrics: true });
const operator = await world.startOperator({ dashboardPort: 0 });
await using plugin = await Plugin.install();
await using browser = await startBrowser();
await mkdir(FOLDER, { recursive: true });

await playFleet();
const admin = await plugin.as(world.cluster.kubeConfig, 'admin');
await Promise.all([
  photograph(browser, '', 'dashboard-fleet.png', { colorScheme: 'light', height: 560 }),
  photograph(browser, '#/default/shop', 'dashboard-release.png', { colorScheme: 'dark', height: 800 }),
]);
await terminal(admin, 'status.svg', 'restapi status shop');
await terminal(admin, 'history.svg', 'restapi history shop');
await plugin.file('blog.yaml', JSON.stringify(sample('blog', { ...image('blog', '3.3.0'), replicas: 2 })));
await terminal(admin, 'diff.svg', 'restapi diff -f blog.yaml');

function image(name: string, version: string): { image: string } {
  return { image: `registry.example.com/${name}:${version}` };
}

/** Creates RestAPIs that are ready, scaled, failing and in a release. */
async function playFleet(): Promise<void> {
  await world.apply(
    sample('billing', { ...image('billing', '4.0.2'), replicas: 2 }),
    sample('blog', { ...image('blog', '3.2.1') }),
    sample('search', { ...image('search', '2026.11'), autoScaling: {} }),
  );
  const settings = { scaleDownDelaySeconds: 600 };
  const app = await App.start(world, 'shop', settings, image('shop', '1.4.0'));
  await app.patch(image('shop', '1.5.0'));
  await app.untilActive('green');
  await crash('billing', 'controller');
  const seen = async () => (await world.restapi('search'))?.status?.conditions;
  const known = async () => (await seen())?.some(({ type, status }) => type === 'ScalingActive' && status === 'True');
  await eventually(known, { timeoutMs: 90_000, what: 'the load of search' });
  await app.patch({ ...image('shop', '2.0.0'), blueGreen: { paused: true } });
  await app.until('paused', ({ release }) => release?.phase === 'Paused');
}

/** Writes the pod status of a crash loop, as a kubelet would. */
async function crash(name: string, component: string): Promise<void> {
  await world.untilReady(name);
  const [pod] = await world.list('pods', '-l', `restapi.dev/name=${name},restapi.dev/component=${component}`);
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({
    type,
    status: 'False',
    reason: 'ContainersNotReady',
  }));
  const container = { name: component, image: name, imageID: '', ready: false, started: false, restartCount: 6 };
  const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } };
  const lastState = { terminated: { reason: 'Error', exitCode: 1 } };
  const status = JSON.stringify({ status: { conditions, containerStatuses: [{ ...container, state, lastState }] } });
  await world.kubectl('patch', 'pod', `${pod?.metadata.name}`, '--subresource=status', '--type=merge', '-p', status);
  await eventually(async () => (await world.restapi(name))?.status?.phase === 'Degraded');
}

interface Photograph {
  colorScheme: 'light' | 'dark';
  height: number;
}

async function photograph(by: Browser, place: string, file: string, { height, ...how }: Photograph) {
  const url = `http://localhost:${operator.dashboardPort}/${place}`;
  await using opened = await openPage(by, url, { ...how, viewport: { width: 1_080, height } });
  await opened.page.getByText('Live', { exact: true }).waitFor();
  await opened.page.waitForTimeout(SETTLE_MS);
  if (opened.faults.length > 0) throw new Error(`${place}: ${opened.faults.join('; ')}`);
  await opened.page.screenshot({ path: join(FOLDER, file) });
  await checkSize(file);
}

/** Runs a command on a terminal and draws the result. */
async function terminal(user: User, file: string, command: string): Promise<void> {
  const { kubeconfig } = user;
  const typed = `cd ${plugin.dir} && stty cols ${COLUMNS} && kubectl ${command}`;
  const env = { KUBECONFIG: kubeconfig, TERM: 'xterm-256color', SHELL: '/bin/sh' };
  const { stdout, stderr } = await plugin.run('script', ['--quiet', '--command', typed, '/dev/null'], { env });
  if (/^error:/m.test(stdout) || stdout.trim() === '') throw new Error(`kubectl ${command}: ${stdout}${stderr}`);
  await writeFile(join(FOLDER, file), terminalPicture(`kubectl ${command}`, stdout));
  await checkSize(file);
}

async function checkSize(file: string): Promise<void> {
  const { size } = await stat(join(FOLDER, file));
  if (size > MOST_BYTES) throw new Error(`docs/pictures/${file} has ${size} bytes, more than ${MOST_BYTES}`);
  console.log(`docs/pictures/${file}: ${size} bytes`);
}
