import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type ControlPlane,
  type FaultProxy,
  requests,
  startControlPlane,
  startFaultProxy,
  startSlowWebhook,
} from '../../../operator/testkit/index.ts';
import { kubectl } from '../../support/kubectl.ts';

let cluster: ControlPlane;
let proxy: FaultProxy;
beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
});
beforeEach(async () => {
  proxy = await startFaultProxy(cluster.kubeConfig);
});
afterEach(() => proxy?.stop());
afterAll(() => cluster?.stop());

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const STREAM = `${CONFIG_MAPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
const create = (name: string) => kubectl(cluster, ['create', 'configmap', name]);
const status = async (path: string) => (await fetch(proxy.url + path)).status;

/** A watch through the proxy, and what it has told. */
async function watch(path = STREAM) {
  const call = request(proxy.url + path);
  call.on('error', () => undefined);
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const told = { text: '', ended: false };
  response.on('data', (chunk: Buffer) => {
    told.text += chunk.toString();
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    told.ended = true;
  });
  return { told, stop: () => call.destroy() };
}

test('a fault can be limited to a kind, a verb, a name and a time', async () => {
  const began = performance.now();
  proxy.rule({
    match: requests({ plural: 'configmaps', verb: ['list', 'watch'], namespace: 'default' }),
    fault: { kind: 'answer', status: 403 },
    forMs: 3_000,
  });
  expect(await status(CONFIG_MAPS)).toBe(403);
  expect(await status(`${CONFIG_MAPS}/none`)).toBe(404);
  expect(await status('/api/v1/namespaces/default/secrets')).toBe(200);
  expect(await status('/api/v1/namespaces/default')).toBe(200);
  await expect.poll(() => status(CONFIG_MAPS)).toBe(200);
  expect(performance.now() - began).toBeGreaterThan(2_900);
});

test('a half-open watch stays silent; new watches work after the fault has ended', async () => {
  const open = await watch();
  await create('half-open-1');
  await expect.poll(() => open.told.text).toContain('half-open-1');
  const rule = proxy.rule({ match: requests({ plural: 'configmaps', verb: 'watch' }), fault: { kind: 'half-open' } });
  const during = await watch();
  await create('half-open-2');
  await sleep(500);
  rule.remove();
  const after = await watch();
  await create('half-open-3');
  await expect.poll(() => after.told.text).toContain('half-open-3');
  for (const { told } of [open, during]) {
    expect(told.text).not.toContain('half-open-2');
    expect(told.text).not.toContain('half-open-3');
    expect(told.ended).toBe(false);
  }
  for (const { stop } of [open, during, after]) stop();
});

test('one kind can be served from the past, with old lists and silent watches', async () => {
  const match = requests({ plural: 'configmaps' });
  await create('past-1');
  const open = await watch();
  await expect.poll(() => open.told.text).toContain('initial-events-end');
  const past = await proxy.record(match);
  await create('past-2');
  const rule = proxy.rule({ match, fault: { kind: 'past', past } });
  await expect.poll(() => open.told.ended).toBe(true);
  const listed = async () => (await fetch(proxy.url + CONFIG_MAPS)).text();
  expect(await listed()).toContain('past-1');
  expect(await listed()).not.toContain('past-2');
  expect(await status(`${CONFIG_MAPS}/past-2`)).toBe(200);
  const stream = await watch();
  await expect.poll(() => stream.told.text).toContain('initial-events-end');
  await create('past-3');
  await sleep(300);
  expect(stream.told.text).not.toContain('past-3');
  rule.remove();
  await expect.poll(() => stream.told.ended).toBe(true);
  expect(await listed()).toContain('past-3');
});

test('the proxy can close and reopen at the same address', async () => {
  const open = await watch();
  const { url } = proxy;
  await proxy.close();
  await expect.poll(() => open.told.ended).toBe(true);
  await expect(fetch(url)).rejects.toThrow();
  await proxy.open();
  expect(proxy.url).toBe(url);
  expect(await status(CONFIG_MAPS)).toBe(200);
});

test('it answers with a login page and marks its requests in the audit log', async () => {
  await using own = await startFaultProxy(cluster.kubeConfig, { userAgentSuffix: 'first/a' });
  const rule = own.rule({ match: requests({ plural: 'secrets' }), fault: { kind: 'login-page' } });
  const answer = await fetch(`${own.url}/api/v1/secrets`);
  expect([answer.status, answer.headers.get('content-type'), (await answer.text()).includes('Sign in')]).toEqual([
    200,
    'text/html; charset=utf-8',
    true,
  ]);
  rule.remove();
  const mark = await cluster.auditMark();
  await fetch(`${own.url}/api/v1/secrets`);
  await expect
    .poll(async () => (await cluster.auditSince(mark)).filter(({ userAgent }) => userAgent?.endsWith('first/a')).length)
    .toBe(1);
});

/** What a kubectl takes by itself on a busy machine is far less. */
const DELAY_MS = 6_000;

test('a slow webhook delays one kind in one namespace, but not the administrator', async () => {
  const user = await cluster.kubeConfigFor({ name: 'writer' });
  await kubectl(cluster, ['create', 'clusterrolebinding', 'writer', '--clusterrole=cluster-admin', '--user=writer']);
  const took = async (kind: string, name: string, kubeConfig = user) => {
    const began = performance.now();
    const { exitCode, stderr } = await cluster.kubectl(['create', ...kind.split(' '), name], { kubeConfig });
    expect(exitCode, stderr).toBe(0);
    return performance.now() - began;
  };
  const webhook = await startSlowWebhook(cluster, {
    name: 'slow',
    delayMs: DELAY_MS,
    kinds: [{ group: '', plural: 'configmaps' }],
    namespaces: ['default'],
  });
  // The API server hears of a registration by its watch.
  await expect
    .poll(async () => (await took('configmap', `slow-${performance.now()}`)) >= DELAY_MS && webhook.asked > 0, {
      timeout: 60_000,
    })
    .toBe(true);
  const asked = webhook.asked;
  await took('configmap', 'by-admin', cluster.kubeConfig);
  await took('secret generic', 'other-kind');
  expect(webhook.asked).toBe(asked);
  await webhook.stop();
  await expect
    .poll(async () => (await took('configmap', `fast-${performance.now()}`)) < DELAY_MS, { timeout: 60_000 })
    .toBe(true);
});
