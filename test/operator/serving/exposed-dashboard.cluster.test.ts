import { once } from 'node:events';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dashboard } from '../../../operator/dashboard/dashboard.ts';
import { AccessGuard } from '../../../operator/serving/access-guard.ts';
import { AccessReviewer } from '../../../operator/serving/access-reviewer.ts';
import { RecentVerdicts } from '../../../operator/serving/recent-verdicts.ts';
import { ServerCertificate } from '../../../operator/serving/server-certificate.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { requests } from '../../../operator/testkit/proxied-request.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { HandMadeSource } from '../../src/dashboard/hand-made-source.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../informer/support.ts';
import { AccessCluster } from './access-cluster.ts';
import { ask, open } from './ask.ts';

const RECHECK_MS = 100;
/** Verdicts are forgotten after 60 ms instead of a minute. */
const hurried = () => performance.now() * 1_000;

let access: AccessCluster;
let proxy: FaultProxy;
let client: ApiClient;
let certificate: ServerCertificate;
let dashboard: Dashboard;
let token: string;
let localPort: number;
const source = new HandMadeSource();

beforeAll(async () => {
  access = await AccessCluster.start();
  proxy = await startFaultProxy(access.operatorConfig);
  client = new ApiClient({ kubeConfig: proxy.kubeConfig, userAgent: 'test' });
  certificate = new ServerCertificate(undefined, recordingLogger());
  const reviewer = new AccessReviewer(client, new RecentVerdicts(hurried));
  const guard = new AccessGuard(reviewer, recordingLogger(), ['Basic', 'Bearer']);
  source.set('default/shop', { name: 'shop' });
  dashboard = new Dashboard(
    { port: 0, exposed: { address: '127.0.0.1:0' }, files: { '/': { contentType: 'text/html', body: 'page' } } },
    { sources: [source], about: () => ({}), onFailure: () => {} },
    { protection: { certificate, guard }, recheckMs: RECHECK_MS },
  );
  localPort = await dashboard.listen();
  token = await access.client('reader', ['/dashboard']);
  await eventually(async () => (await ask(port(), '/', { token })).status === 200);
});
afterAll(async () => {
  await dashboard?.close();
  certificate?.stop();
  await client?.close();
  await proxy?.[Symbol.asyncDispose]();
  await access?.[Symbol.asyncDispose]();
});

const port = () => dashboard.exposedPort ?? 0;

/** Follows the stream of all resources. */
async function follow(ofToken: string) {
  const response = await open(port(), '/events/restapis', { token: ofToken });
  expect(response.statusCode).toBe(200);
  response.setEncoding('utf8');
  const stream = { text: '', ended: once(response, 'end'), close: () => response.destroy() };
  response.on('data', (chunk: string) => {
    stream.text += chunk;
  });
  response.on('error', () => {});
  stream.ended.catch(() => {});
  return stream;
}

test('a page beyond this machine shows changes as long as its token is valid, and no longer', async () => {
  const shortLived = await access.client('leaver', ['/dashboard']);
  await eventually(async () => (await ask(port(), '/', { token: shortLived })).status === 200);
  const [staying, leaving] = [await follow(token), await follow(shortLived)];
  expect(dashboard.viewers).toBe(2);
  // Several reviews later.
  await sleep(5 * RECHECK_MS);
  source.set('default/shop', { name: 'shop', phase: 'Ready' });
  await eventually(() => staying.text.includes('"Ready"') && leaving.text.includes('"Ready"'));
  await access.kubectl('delete', 'serviceaccount', 'leaver');
  await leaving.ended;
  await eventually(() => dashboard.viewers === 1, { what: 'one viewer' });
  source.set('default/shop', { name: 'shop', phase: 'Degraded' });
  await eventually(() => staying.text.includes('"Degraded"'));
  expect(leaving.text).not.toContain('"Degraded"');
  staying.close();
  await eventually(() => dashboard.viewers === 0, { what: 'no viewer' });
});

test('a lost right closes the page as well, and so does a server that cannot be asked', async () => {
  const demoted = await access.client('demoted', ['/dashboard']);
  await eventually(async () => (await ask(port(), '/', { token: demoted })).status === 200);
  const stream = await follow(demoted);
  await access.kubectl('delete', 'clusterrolebinding', 'demoted-dashboard');
  await stream.ended;
  expect((await ask(port(), '/', { token: demoted })).status).toBe(403);
  const other = await follow(token);
  const rule = proxy.rule({ match: requests({ plural: 'tokenreviews' }), fault: { kind: 'answer', status: 500 } });
  await other.ended;
  rule.remove();
  await eventually(() => dashboard.viewers === 0, { what: 'no viewer' });
});

test('a client that leaves while its token is reviewed is no viewer', async () => {
  const other = await access.token('reader');
  const rule = proxy.rule({ match: requests({ plural: 'tokenreviews' }), fault: { kind: 'delay', ms: 500 } });
  const headers = { authorization: `Bearer ${other}` };
  const options = { host: '127.0.0.1', port: port(), path: '/events/restapis', headers, rejectUnauthorized: false };
  const sent = request({ ...options, agent: false });
  sent.on('error', () => {});
  sent.end();
  await eventually(() => rule.fired === 1, { everyMs: 10 });
  sent.destroy();
  // The review of the client that left goes on.
  await sleep(1_000);
  rule.remove();
  expect(dashboard.viewers).toBe(0);
  const next = await follow(other);
  expect(dashboard.viewers).toBe(1);
  next.close();
  await eventually(() => dashboard.viewers === 0);
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
