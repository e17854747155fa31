import { once } from 'node:events';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dashboard } from '../../../operator/dashboard/dashboard.ts';
import { Protections } from '../../../operator/serving/protection.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { requests } from '../../../operator/testkit/proxied-request.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { HandMadeSource } from '../../src/dashboard/hand-made-source.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../informer/support.ts';
import { AccessCluster } from './access-cluster.ts';
import { ask, open } from './ask.ts';

const STREAM_MS = 1_000;

let access: AccessCluster;
let proxy: FaultProxy;
let client: ApiClient;
let protections: Protections;
let dashboard: Dashboard;
let token: string;
let localPort: number;
const source = new HandMadeSource();

beforeAll(async () => {
  access = await AccessCluster.start();
  proxy = await startFaultProxy(access.operatorConfig);
  client = new ApiClient({ kubeConfig: proxy.kubeConfig, userAgent: 'test' });
  protections = new Protections(client, recordingLogger());
  source.set('default/shop', { name: 'shop' });
  dashboard = new Dashboard(
    { port: 0, exposed: { address: '127.0.0.1:0' }, files: { '/': { contentType: 'text/html', body: 'page' } } },
    { sources: [source], about: () => ({}), onFailure: () => {} },
    { protection: protections.create({}, ['Basic', 'Bearer']), streamMs: STREAM_MS },
  );
  localPort = await dashboard.listen();
  token = await access.client('reader', ['/dashboard']);
  await eventually(async () => (await ask(port(), '/', { token })).status === 200);
});
afterAll(async () => {
  await dashboard?.close();
  protections?.stop();
  await client?.close();
  await proxy?.[Symbol.asyncDispose]();
  await access?.[Symbol.asyncDispose]();
});

const port = () => dashboard.exposedPort ?? 0;

test('a stream beyond this machine shows changes, and ends after a while, so that the token is reviewed again', async () => {
  const response = await open(port(), '/events/restapis', { token });
  expect(response.statusCode).toBe(200);
  response.setEncoding('utf8');
  let text = '';
  response.on('data', (chunk: string) => {
    text += chunk;
  });
  expect(dashboard.viewers).toBe(1);
  source.set('default/shop', { name: 'shop', phase: 'Ready' });
  const started = performance.now();
  await once(response, 'end');
  expect(performance.now() - started).toBeLessThan(STREAM_MS + 10_000);
  expect(text).toContain('"shop"');
  expect(text).toContain('"Ready"');
  await eventually(() => dashboard.viewers === 0, { what: 'no viewer' });
});

test('a client that leaves while its token is reviewed is no viewer', async () => {
  const other = await access.token('reader');
  const rule = proxy.rule({ match: requests({ plural: 'tokenreviews' }), fault: { kind: 'delay', ms: 500 } });
  const headers = { authorization: `Bearer ${other}` };
  const sent = request({
    host: '127.0.0.1',
    port: port(),
    path: '/events/restapis',
    headers,
    rejectUnauthorized: false,
  });
  sent.on('error', () => {});
  sent.end();
  await eventually(() => rule.fired === 1, { everyMs: 10 });
  sent.destroy();
  // The review goes on and its verdict is used: no further review is needed.
  rule.remove();
  await sleep(700);
  const away = proxy.rule({ match: requests({ plural: 'tokenreviews' }), fault: { kind: 'answer', status: 500 } });
  expect((await ask(port(), '/', { token: other })).status).toBe(200);
  away.remove();
  expect(dashboard.viewers).toBe(0);
});

test('on the loopback interface it needs no token, and serves the same', async () => {
  const answer = await fetch(`http://127.0.0.1:${localPort}/`);
  expect([answer.status, await answer.text()]).toEqual([200, 'page']);
  expect(localPort).not.toBe(port());
});

test('an exposed dashboard without a protection is refused', () => {
  const options = { exposed: { address: '127.0.0.1:0' }, files: {} };
  const state = { sources: [], about: () => ({}), onFailure: () => {} };
  expect(() => new Dashboard(options, state)).toThrow('an exposed dashboard needs a protection');
});
