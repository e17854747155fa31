import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient, regularType, resourcePath, type StoredObject } from '../../operator/index.ts';
import { freePorts } from '../../operator/testkit/ports.ts';
import { Plugin, type User } from '../src/cli/plugin.ts';
import { openPage, startBrowser } from '../src/dashboard/browser.ts';
import { eventually } from '../support/eventually.ts';
import { parseExposition } from '../support/exposition.ts';
import { EVIL, HOSTILE, hiddenIn } from '../support/hostile-texts.ts';
import { OperatorCluster, type OperatorProcess, sample } from '../support/operator-cluster.ts';

const TIMEOUT_MS = 180_000;
const AUTHOR = 'mallory-who-forges-authors';
const POD = regularType({ apiVersion: 'v1', kind: 'Pod' });
const EVENT = regularType({ apiVersion: 'v1', kind: 'Event' });
const NEW_EVENT = regularType({ apiVersion: 'events.k8s.io/v1', kind: 'Event' });
const TEXTS = Object.values(HOSTILE);
/** All of them in one text, as far as the API server stores them. */
const ALL = TEXTS.map((text) => text.slice(0, 60)).join(' ');
/** The same for variables and arguments of programs, which contain no NUL. */
const ARGUMENT = ALL.replaceAll('\0', '');

let world: OperatorCluster;
let operator: OperatorProcess;
let client: ApiClient;
let plugin: Plugin;
let user: User;
let browser: Browser;
let ports: number[];

beforeAll(async () => {
  [world, browser, ports, plugin] = await Promise.all([
    OperatorCluster.start({ kwokNodes: 2 }),
    startBrowser(),
    freePorts(2),
    Plugin.install(),
  ]);
  client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'attacker' });
  user = await plugin.as(world.cluster.kubeConfig, 'reader');
  operator = await world.spawnOperator({
    flags: ['--dashboard-port', `${ports[0]}`, '--metrics-address', `127.0.0.1:${ports[1]}`, '--log-level', 'debug'],
  });
  await operator.says('Caches filled');
  await world.apply(restApi('1.0.0'));
  await world.untilReady('shop', { timeoutMs: 90_000 });
  await world.apply(restApi('2.0.0'));
  await eventually(async () => (await world.restapi('shop'))?.status?.release, { what: 'the second release' });
  await Promise.all(TEXTS.flatMap((text) => [createEvent(text), createNewEvent(text)]));
  // The pods of the second version do not start, for a reason that an image or a webhook chose.
  await eventually(async () => (await spoil()) > 0, { what: 'a pod of the second version' });
  await eventually(async () => JSON.stringify((await world.restapi('shop'))?.status).includes(EVIL), {
    what: 'the text in the status',
  });
}, TIMEOUT_MS);
afterAll(async () => {
  await browser?.close();
  await client?.close();
  await plugin?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

/** A RestAPI with hostile text where the API server admits any. */
function restApi(version: string): object {
  const { metadata, ...rest } = sample('shop', {
    image: `registry.example.com/shop:${version}`,
    blueGreen: { enabled: true, autoPromotion: { enabled: false } },
    envVars: { TEXT: ARGUMENT },
    model: { args: [ARGUMENT], podAnnotations: { 'example.com/text': ALL } },
  }) as { metadata: object };
  const requests = ['promote', 'reject', 'retry', 'rollback-to', 'skip-checks'].map((name) => [
    `restapi.dev/${name}`,
    ALL,
  ]);
  const annotations = { ...Object.fromEntries(requests), 'restapi.dev/changed-by': AUTHOR, 'example.com/text': ALL };
  return { ...rest, metadata: { ...metadata, annotations } };
}

let number = 0;
function eventOf(kind: string) {
  number += 1;
  return { metadata: { name: `hostile-${number}`, namespace: 'default' }, kind };
}

function createEvent(text: string): Promise<unknown> {
  const { metadata } = eventOf('core');
  const involvedObject = { kind: text, name: 'shop-model', namespace: 'default', fieldPath: text, apiVersion: text };
  const source = { component: text, host: text };
  const now = new Date().toISOString();
  const event = { metadata, involvedObject, type: text, reason: text, message: text, source, lastTimestamp: now };
  return client.create(EVENT, { apiVersion: 'v1', kind: 'Event', ...event } as never);
}

function createNewEvent(text: string): Promise<unknown> {
  const { metadata } = eventOf('new');
  const event = {
    metadata,
    eventTime: new Date().toISOString().replace('Z', '000Z'),
    regarding: { kind: text.slice(0, 100), name: 'shop-model', namespace: 'default', fieldPath: text },
    type: 'Warning',
    reason: text.slice(0, 100),
    action: text.slice(0, 100),
    note: text.slice(0, 1_000),
    reportingController: 'example.com/attacker',
    reportingInstance: text.slice(0, 100),
  };
  return client.create(NEW_EVENT, { apiVersion: 'events.k8s.io/v1', kind: 'Event', ...event } as never);
}

/** Lets pods of the second version report hostile text. @returns how many there are */
async function spoil(): Promise<number> {
  const release = (await world.restapi('shop'))?.status?.release;
  const selector = `restapi.dev/name=shop,restapi.dev/environment=${release?.environment}`;
  const pods = await world.list<StoredObject>('pods', '-n', 'default', '-l', selector);
  for (const { metadata } of pods) {
    const name = metadata.labels?.['restapi.dev/component'];
    const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const ended = { reason: ALL, message: ALL, exitCode: 3, startedAt: at, finishedAt: at };
    const container = {
      ...{ name, image: ALL, imageID: ALL, ready: false, started: false, restartCount: 6 },
      state: { waiting: { reason: ALL, message: ALL } },
      lastState: { terminated: ended },
    };
    const conditions = ['Ready', 'ContainersReady'].map((type) => ({
      type,
      status: 'False',
      reason: ALL,
      message: ALL,
    }));
    await client.request({
      method: 'PATCH',
      path: resourcePath(POD, 'default', metadata.name, 'status'),
      contentType: 'application/merge-patch+json',
      body: { status: { reason: ALL, message: ALL, conditions, containerStatuses: [container] } },
    });
  }
  return pods.length;
}

/** All strings in a JSON value. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

test('every verb of the plugin shows it as text', { timeout: TIMEOUT_MS }, async () => {
  const file = await plugin.file('shop.json', JSON.stringify(restApi('3.0.0')));
  const calls = [
    ['status', '-A'],
    ['status', 'shop'],
    ['status', 'shop', '-o', 'json'],
    ['status', 'shop', '-o', 'yaml'],
    ['events', 'shop'],
    ['history', 'shop'],
    ['history', 'shop', '-o', 'json'],
    ['advice', 'shop'],
    ['diff', '-f', file],
    ['wait', 'shop', '--for=ready', '--timeout=1s'],
    ['wait', 'shop', '--for=deleted', '--timeout=1s'],
    ['rollback', 'shop', ARGUMENT],
    ['promote', 'shop', '--dry-run'],
    ['abort', 'shop', '--dry-run'],
    ['retry', 'shop', '--dry-run'],
    ['restart', 'shop', ARGUMENT],
    ['status', ARGUMENT],
    ['completion', 'bash'],
    ['__complete', 'promote', ''],
  ];
  let seen = 0;
  for (const call of calls) {
    const { stdout, stderr } = await user.restapi(call);
    const what = call.slice(0, 2).join(' ');
    expect(hiddenIn(`${stdout}${stderr}`.replaceAll('\t', '')), what).toEqual([]);
    expect(`${stdout}${stderr}`, what).not.toMatch(/^(error: )?forged|^NAME {2}READY/m);
    expect(`${stdout}${stderr}`, what).not.toContain(AUTHOR);
    if (stdout.includes(EVIL)) seen += 1;
  }
  expect(seen).toBeGreaterThanOrEqual(4);
  const { stdout } = await user.restapi(['events', 'shop']);
  // One line for each Event, whatever its kind and type.
  expect(stdout.split('\n').filter((line) => line.includes(EVIL)).length).toBeGreaterThanOrEqual(TEXTS.length);
});

test('so does the live table', { timeout: TIMEOUT_MS }, async () => {
  await using table = user.follow('status', '--watch');
  await table.says(/shop/);
  await using tree = user.follow('status', 'shop', '--watch');
  await tree.says(new RegExp(EVIL));
  expect(hiddenIn(table.output + tree.output)).toEqual([]);
});

test('the status and the Events of the operator contain plain text, and no author that anyone could have written', async () => {
  const api = await world.restapi('shop');
  const texts = stringsIn(api?.status);
  expect(texts.filter((text) => text.includes(EVIL)).length).toBeGreaterThan(0);
  expect(texts.flatMap(hiddenIn)).toEqual([]);
  expect(JSON.stringify(api?.status)).not.toContain(AUTHOR);
  const events = await world.list<{ reportingComponent?: string; message?: string }>('events', '-n', 'default');
  const own = events.filter(({ reportingComponent }) => reportingComponent === 'restapi-operator');
  expect(own.length).toBeGreaterThan(0);
  expect(own.flatMap(({ message = '' }) => hiddenIn(message))).toEqual([]);
  expect(JSON.stringify(own)).not.toContain(AUTHOR);
});

test('the log has one JSON object per line', async () => {
  const lines = (await readFile(operator.log, 'utf8')).trimEnd().split('\n');
  for (const line of lines) expect(() => JSON.parse(line), line).not.toThrow();
  expect(lines.flatMap(hiddenIn)).toEqual([]);
});

test('the metrics can be parsed and contain no forged ones', async () => {
  const text = await (await fetch(`http://127.0.0.1:${ports[1]}/metrics`)).text();
  const { types, samples } = parseExposition(text);
  expect(samples.length).toBeGreaterThan(100);
  expect([...types.keys()].filter((name) => name.includes('forged'))).toEqual([]);
});

test('the dashboard shows it as text and runs nothing', { timeout: TIMEOUT_MS }, async () => {
  for (const place of ['', '#/default/shop']) {
    await using watched = await openPage(browser, `http://localhost:${ports[0]}/${place}`);
    const { page, faults } = watched;
    await page.getByText('shop').first().waitFor();
    if (place) await page.getByText(EVIL).first().waitFor({ state: 'attached' });
    const added = await page.evaluate(
      "document.querySelectorAll(\"img:not([src='favicon.svg']), script:not([src='main.js']), a[href^=javascript]\").length",
    );
    expect(added).toBe(0);
    const shown = String(await page.evaluate('document.body.textContent'));
    expect(hiddenIn(shown.replaceAll('\t', ''))).toEqual([]);
    expect(shown).not.toContain(AUTHOR);
    expect(faults).toEqual([]);
  }
});
