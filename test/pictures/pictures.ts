import 'reflect-metadata';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { RestAPI } from '../../resources/index.ts';
import { packageRoot } from '../../src/package-root.ts';
import { App } from '../blue-green/support.ts';
import { Plugin, type User } from '../cli/plugin.ts';
import { openPage, startBrowser } from '../dashboard/browser.ts';
import { eventually, sample, World } from '../operator/world.ts';
import { terminalPicture } from './terminal-picture.ts';

// `npm run pictures`: makes the README's pictures anew, from what real commands print and a real browser shows of a real
// control plane with our operator. On Linux: `script` takes other arguments elsewhere.

const FOLDER = join(packageRoot(), 'docs', 'pictures');
/** Bytes a picture may have: everybody who reads the README loads it. */
const MOST_BYTES = 150_000;
/** How many columns the terminal has; what is printed once is not cut. */
const COLUMNS = 110;

await using world = await World.start({ kwokNodes: 4, metrics: true });
const operator = await world.startOperator({ dashboardPort: 0 });
await using plugin = await Plugin.install();
await using browser = await startBrowser();
await mkdir(FOLDER, { recursive: true });

const shop = await playFleet();
const admin = await plugin.as(world.cluster.kubeConfig, 'admin');
await Promise.all([
  photograph(browser, '', 'dashboard-fleet.png', { colorScheme: 'light', height: 480, watchMs: 2_000 }),
  photograph(browser, '#/default/shop', 'dashboard-release.png', { colorScheme: 'light', height: 800, watchMs: 2_000 }),
  photograph(browser, '#/default/search', 'dashboard-dark.png', {
    colorScheme: 'dark',
    height: 1_060,
    watchMs: 100_000,
  }),
]);
await terminal(admin, 'status.svg', 'restapi status shop');
await terminal(admin, 'history.svg', 'restapi history shop');
await plugin.file('shop.yaml', JSON.stringify(changed(await shop.get())));
await terminal(admin, 'diff.svg', 'restapi diff -f shop.yaml');

/** RestAPIs at rest, scaled, in trouble, and in a release. @returns the one in a release */
async function playFleet(): Promise<App> {
  const image = (name: string, version: string) => ({ image: `registry.example.com/${name}:${version}` });
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
  const searching = { labels: { 'restapi.dev/name': 'search', 'restapi.dev/component': 'controller' } };
  await world.cluster.waitForUsage(searching, {});
  // While a picture is taken, so that it shows what happens.
  setTimeout(() => void world.cluster.setUsage(searching, { cpu: '180m' }), 20_000);
  await app.patch({ ...image('shop', '2.0.0'), blueGreen: { paused: true } });
  await app.until('its release is held', ({ release }) => release?.phase === 'Paused');
  return app;
}

/** Plays what a kubelet says of a container that ends as soon as it is started. */
async function crash(name: string, component: string): Promise<void> {
  await eventually(async () => (await world.restapi(name))?.status?.phase === 'Ready');
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

/** The file of a user who wants something else. */
function changed({ apiVersion, kind, metadata: { name, namespace } }: RestAPI): object {
  const image = 'registry.example.com/shop:2.1.0';
  const blueGreen = { enabled: true, scaleDownDelaySeconds: 600, paused: true };
  return { apiVersion, kind, metadata: { name, namespace }, spec: { image, replicas: 3, blueGreen } };
}

interface Photograph {
  colorScheme: 'light' | 'dark';
  height: number;
  /** How long the page is open before, in milliseconds: plots show what it has seen. */
  watchMs: number;
}

async function photograph(by: Browser, place: string, file: string, { watchMs, height, ...how }: Photograph) {
  const url = `http://localhost:${operator.dashboardPort}/${place}`;
  await using opened = await openPage(by, url, { ...how, viewport: { width: 1_080, height } });
  await opened.page.getByText('Live', { exact: true }).waitFor();
  await opened.page.waitForTimeout(watchMs);
  if (opened.faults.length > 0) throw new Error(`${place}: ${opened.faults.join('; ')}`);
  await opened.page.screenshot({ path: join(FOLDER, file) });
  await lookAtSize(file);
}

/** Runs a command on a terminal and keeps what it looks like. */
async function terminal(user: User, file: string, command: string): Promise<void> {
  const { kubeconfig } = user;
  const typed = `cd ${plugin.dir} && stty cols ${COLUMNS} && kubectl ${command}`;
  const env = { KUBECONFIG: kubeconfig, TERM: 'xterm-256color', SHELL: '/bin/sh' };
  const { stdout, stderr } = await plugin.run('script', ['--quiet', '--command', typed, '/dev/null'], { env });
  if (/^error:/m.test(stdout) || stdout.trim() === '') throw new Error(`kubectl ${command}: ${stdout}${stderr}`);
  await writeFile(join(FOLDER, file), terminalPicture(`kubectl ${command}`, stdout));
  await lookAtSize(file);
}

async function lookAtSize(file: string): Promise<void> {
  const { size } = await stat(join(FOLDER, file));
  if (size > MOST_BYTES) throw new Error(`docs/pictures/${file} has ${size} bytes, more than ${MOST_BYTES}`);
  console.log(`docs/pictures/${file}: ${size} bytes`);
}
