import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditMark } from '../../../operator/testkit/index.ts';
import { freePorts } from '../../../operator/testkit/ports.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, type OperatorProcess } from '../../support/operator-cluster.ts';
import { App } from '../blue-green/support.ts';
import { openPage, startBrowser, type WatchedPage } from './browser.ts';
import { EventReader } from './event-reader.ts';

const SECRET = 'hunter2';
/** A message that a kubelet may copy from an image. */
const HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>';

let world: OperatorCluster;
let browser: Browser;
let ports: number[];
let operators: OperatorProcess[];
let app: App;

async function start(port: number | undefined): Promise<OperatorProcess> {
  const operator = await world.spawnOperator({ flags: ['--leader-elect', '--dashboard-port', `${port}`] });
  await operator.says('Caches filled');
  return operator;
}

beforeAll(async () => {
  [world, browser, ports] = await Promise.all([OperatorCluster.start({ kwokNodes: 3 }), startBrowser(), freePorts(2)]);
  const first = await start(ports[0]);
  await first.says('Started leading');
  operators = [first, await start(ports[1])];
  await world.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'db', namespace: 'default' },
    stringData: { PASSWORD: SECRET },
  });
});
afterAll(async () => {
  await browser?.close();
  await world?.[Symbol.asyncDispose]();
});

const open = (path = '', index = 0): Promise<WatchedPage> =>
  openPage(browser, `http://localhost:${ports[index]}/${path}`);

/** The box of an environment in the traffic section. */
const box = (page: Page, name: string, role: string) => page.locator(`li.box.${role}`).filter({ hasText: name });

test('a created RestAPI appears, and its release is visible through promotion', async () => {
  await using watched = await open();
  const { page, faults } = watched;
  await page.getByText('No RestAPIs yet').waitFor();
  const variables = { envVars: { TOKEN: SECRET }, model: { envFrom: [{ secretRef: { name: 'db' } }] } };
  app = await App.start(world, 'shop', { scaleDownDelaySeconds: 120 }, variables);
  await page.getByRole('row', { name: /shop.*Ready.*8\/8.*1\.0\.0.*blue/ }).waitFor();
  await page.getByRole('link', { name: 'shop' }).click();
  await box(page, 'blue', 'active').getByText('8/8').waitFor();
  for (const component of ['model', 'view', 'controller', 'repository']) {
    const name = new RegExp(`^${component} 2/2 shop-${component}:\\d+ .*shop:1.0.0`);
    await page.getByRole('row', { name }).locator('summary', { hasText: '2 Running' }).waitFor();
  }

  await app.patch({ image: 'registry.example.com/shop:2.0.0', blueGreen: { paused: true } });
  await page.getByRole('heading', { name: 'Release of 2.0.0' }).waitFor();
  await page.locator('[aria-current=step]').filter({ hasText: 'Wait for promotion' }).waitFor();
  await page.getByText('Ready, but paused by spec.blueGreen.paused').first().waitFor();
  await box(page, 'green', 'preview').getByText('8/8').waitFor();
  expect(await box(page, 'blue', 'active').count()).toBe(1);
  await app.patch({ blueGreen: { paused: false } });
  await box(page, 'green', 'active').waitFor();
  await box(page, 'blue', 'idle').waitFor();
  await page.getByRole('heading', { name: 'Release of 2.0.0' }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /2\.0\.0 .*Promoted/ }).waitFor();
  // The history since the page was opened is plotted.
  expect(await page.locator('figure path.ready').first().getAttribute('d')).toMatch(/^M34 \d/);
  expect(faults).toEqual([]);
});

test('a crash appears with its cause, as plain text', async () => {
  await using list = await open();
  await using one = await open('#/default/shop');
  await box(one.page, 'green', 'active').waitFor();
  const pods = await world.list('pods', '-l', 'restapi.dev/component=model,restapi.dev/environment=green');
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({
    type,
    status: 'False',
    reason: 'ContainersNotReady',
  }));
  const state = { waiting: { reason: 'CrashLoopBackOff', message: HOSTILE } };
  const lastState = { terminated: { reason: 'Error', exitCode: 3 } };
  const container = { name: 'model', image: 'shop', imageID: '', ready: false, restartCount: 4, started: false };
  const status = { conditions, containerStatuses: [{ ...container, state, lastState }] };
  const [pod] = pods;
  await world.kubectl(
    'patch',
    'pod',
    `${pod?.metadata.name}`,
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify({ status }),
  );

  await list.page.getByRole('row', { name: /shop.*Degraded.*exit code 3/ }).waitFor();
  await list.page.getByText('1 needs attention').waitFor();
  const { page } = one;
  await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
  await page.getByText(`pod ${pod?.metadata.name}: container model keeps crashing`).first().waitFor();
  await page.locator('summary').filter({ hasText: '1 CrashLoopBackOff, 1 Running' }).click();
  await page.getByText(HOSTILE).waitFor();
  await page.getByText('restarted 4 times').waitFor();
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect([...list.faults, ...one.faults]).toEqual([]);
});

test('viewers cause no API requests and see no secrets', async () => {
  const others = async (since: AuditMark) =>
    (await world.operatorRequests(since)).filter(({ objectRef }) => objectRef?.resource !== 'leases');
  // What the crash of before leads to comes to its end first.
  await world.untilNone('request', others);
  const mark = await world.cluster.auditMark();
  const streams = [];
  for (const path of ['restapis', 'restapis/default/shop', 'restapis/default/shop', 'restapis/default/none']) {
    for (const port of ports) streams.push(await EventReader.open(`http://127.0.0.1:${port}/events/${path}`));
  }
  for (const stream of streams) await stream.until(({ event }) => event === 'all');
  // Watches that end after their usual 50 s are reopened, and the Lease is renewed, with or without viewers.
  const requests = await others(mark);
  expect(requests.filter(({ verb }) => verb !== 'watch')).toEqual([]);
  expect(requests.length).toBeLessThan(streams.length);
  const shown = streams.map(({ raw }) => raw).join('');
  expect(shown).toContain('shop-model:8080');
  for (const text of [SECRET, 'TOKEN', Buffer.from(SECRET).toString('base64')]) expect(shown).not.toContain(text);
  for (const stream of streams) stream.close();
});

test('a standby shows the same and says that it is a standby; pages reconnect after a restart', async () => {
  await using leader = await open('#/default/shop');
  await using standby = await open('#/default/shop', 1);
  await box(leader.page, 'green', 'active').waitFor();
  await box(standby.page, 'green', 'active').waitFor();
  await standby.page.getByText('This operator is a standby').waitFor();
  expect(await leader.page.getByText('This operator is a standby').count()).toBe(0);

  expect(await operators[0]?.end('SIGTERM')).toBe(0);
  await leader.page.getByText(/Disconnected from the operator, retrying/).waitFor();
  // The other one is the leader now, so its page no longer says that it is a standby.
  await standby.page.getByText('This operator is a standby').waitFor({ state: 'detached' });
  await app.patch({ blueGreen: { enabled: true }, replicas: 1 });
  await box(standby.page, 'green', 'active').getByText('4/4').waitFor();

  operators[0] = await start(ports[0]);
  await leader.page.getByText('Live', { exact: true }).waitFor();
  await box(leader.page, 'green', 'active').getByText('4/4').waitFor();
  await leader.page.getByText('This operator is a standby').waitFor();
  await eventually(() =>
    leader.page
      .getByText('Disconnected')
      .count()
      .then((count) => count === 0),
  );
  expect(standby.faults).toEqual([]);
  // Chromium itself logs the connections that were refused meanwhile.
  expect(leader.faults.filter((fault) => !fault.includes('net::ERR_'))).toEqual([]);
});
