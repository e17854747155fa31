import { afterAll, beforeAll, expect, test } from 'vitest';
import { Operator } from '../../../operator/index.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { requests } from '../../../operator/testkit/proxied-request.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../informer/support.ts';
import { AccessCluster } from './access-cluster.ts';
import { type Asked, ask, basic } from './ask.ts';

const PAGE = { '/': { contentType: 'text/html; charset=utf-8', body: '<!doctype html>' } };
const REVIEWS = { plural: ['tokenreviews', 'subjectaccessreviews'] };

let access: AccessCluster;
let proxy: FaultProxy;
let operator: Operator;
const log = recordingLogger();
/** Tokens by whose they are. */
const tokens: Record<string, string> = {};

beforeAll(async () => {
  access = await AccessCluster.start();
  proxy = await startFaultProxy(access.operatorConfig);
  operator = new Operator({
    name: 'test-operator',
    kubeConfig: proxy.kubeConfig,
    logger: log,
    healthAddress: ':0',
    metricsAddress: '127.0.0.1:0',
    secureMetrics: {},
    dashboard: { exposed: { address: '127.0.0.1:0' }, files: PAGE },
  });
  await operator.start();
  const reader = await access.client('reader', ['/metrics', '/dashboard']);
  tokens.reader = reader;
  tokens.scraper = await access.client('scraper', ['/metrics']);
  tokens.tenant = await access.client('tenant');
  await access.kubectl('create', 'rolebinding', 'tenant', '--clusterrole=admin', '--serviceaccount=default:tenant');
  tokens.admin = await access.client('root');
  const admin = ['--clusterrole=cluster-admin', '--serviceaccount=default:root'];
  await access.kubectl('create', 'clusterrolebinding', 'root', ...admin);
  tokens.otherAudience = await access.token('reader', '--audience=https://vault.example.com');
  tokens.deleted = await access.client('deleted', ['/metrics', '/dashboard']);
  await access.kubectl('delete', 'serviceaccount', 'deleted');
  tokens.forged = `${reader.slice(0, -8)}AAAAAAAA`;
  tokens.invented = 'letmein';
  // Rights take effect shortly after their creation; what was refused is remembered for ten seconds.
  for (const who of ['reader', 'scraper', 'admin']) {
    await eventually(async () => (await metrics(tokens[who])).status === 200);
  }
});
afterAll(async () => {
  await operator?.stop();
  await proxy?.[Symbol.asyncDispose]();
  await access?.[Symbol.asyncDispose]();
});

const metrics = (token?: string, headers?: Record<string, string>): Promise<Asked> =>
  ask(operator.metricsPort ?? 0, '/metrics', { token, headers });
const dashboard = (token?: string, headers?: Record<string, string>, path = '/'): Promise<Asked> =>
  ask(operator.exposedDashboardPort ?? 0, path, { token, headers });

test.each([
  ['nobody', undefined, 401, 401],
  ['an invented token', 'invented', 401, 401],
  ['a token with a forged signature', 'forged', 401, 401],
  ['a token for another audience', 'otherAudience', 401, 401],
  ['a token of a deleted account', 'deleted', 401, 401],
  ['an admin of a namespace', 'tenant', 403, 403],
  ['an account that may get /metrics alone', 'scraper', 200, 403],
  ['an account that may get both', 'reader', 200, 200],
  ['a cluster-admin', 'admin', 200, 200],
] as const)('%s: metrics and dashboard answer as the API server decides', async (_, who, ofMetrics, ofDashboard) => {
  const token = who && tokens[who];
  const [scraped, shown] = [await metrics(token), await dashboard(token)];
  expect([scraped.status, shown.status]).toEqual([ofMetrics, ofDashboard]);
  expect(scraped.headers['www-authenticate']).toBe(ofMetrics === 401 ? 'Bearer' : undefined);
  expect(shown.headers['www-authenticate']?.split(' ')[0]).toBe(ofDashboard === 401 ? 'Basic' : undefined);
  expect(scraped.body.includes('operator_build_info')).toBe(ofMetrics === 200);
  expect(shown.body.includes('<!doctype html>')).toBe(ofDashboard === 200);
});

test('browsers send the token as password, to the dashboard alone', async () => {
  const headers = basic(tokens.reader ?? '');
  expect((await dashboard(undefined, headers)).status).toBe(200);
  expect((await dashboard(undefined, basic(tokens.tenant ?? ''))).status).toBe(403);
  expect((await dashboard(undefined, basic('letmein'))).status).toBe(401);
  expect((await metrics(undefined, headers)).status).toBe(401);
});

test('every path of the dashboard needs the token, and other sites do not get it with one', async () => {
  for (const path of ['/', '/events/things', '/none']) expect((await dashboard(undefined, {}, path)).status).toBe(401);
  expect((await dashboard(tokens.reader, {}, '/none')).status).toBe(404);
  expect((await dashboard(tokens.reader, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  const { headers } = await dashboard();
  expect(headers['content-security-policy']).toContain("default-src 'none'");
});

test('there is no way around: no plain HTTP, no other method, no other spelling of the path', async () => {
  const port = operator.metricsPort ?? 0;
  await expect(fetch(`http://localhost:${port}/metrics`)).rejects.toThrow();
  for (const method of ['POST', 'PUT', 'DELETE']) expect((await ask(port, '/metrics', { method })).status).toBe(405);
  for (const path of ['/', '//metrics', '/metrics/', '/metrics%2f', '/./metrics']) {
    expect((await ask(port, path)).status, path).toBe(404);
  }
  for (const path of ['/metrics?a=b', '/metrics#a']) expect((await ask(port, path)).status, path).toBe(401);
  expect((await ask(port, '/metrics', { method: 'HEAD' })).status).toBe(401);
  // Probes of the kubelet have no token.
  expect((await fetch(`http://127.0.0.1:${operator.healthPort}/healthz`)).status).toBe(200);
});

test('a token is reviewed once for many requests, however many come at once', async () => {
  const token = await access.client('busy', ['/metrics']);
  await eventually(async () => {
    const review = await access.kubectl('auth', 'can-i', 'get', '/metrics', '--as=system:serviceaccount:default:busy');
    return review.trim() === 'yes';
  });
  const mark = await access.cluster.auditMark();
  const answers = await Promise.all(Array.from({ length: 20 }, () => metrics(token)));
  for (let index = 0; index < 5; index++) answers.push(await metrics(token));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const reviews = (await access.cluster.auditSince(mark)).filter(
    ({ user, objectRef }) =>
      user.username === 'system:serviceaccount:default:operator' && /reviews$/.test(objectRef?.resource ?? ''),
  );
  expect(reviews.map(({ objectRef }) => objectRef?.resource).sort()).toEqual(['subjectaccessreviews', 'tokenreviews']);
});

test.each([
  ['does not answer', { kind: 'black-hole' }],
  ['fails', { kind: 'answer', status: 500 }],
  ['forbids the review', { kind: 'answer', status: 403 }],
  ['does not know the operator', { kind: 'answer', status: 401 }],
  ['is replaced by a login page', { kind: 'login-page' }],
  ['answers with nothing', { kind: 'answer', status: 201, body: '{}' }],
] as const)(
  'while the API server %s, a client that may is refused within 10 s, and served right afterwards',
  async (what, fault) => {
    const token = await access.client(what.replaceAll(' ', '-'), ['/metrics']);
    const known = await access.token('reader');
    expect((await metrics(known)).status).toBe(200);
    const rule = proxy.rule({ match: requests(REVIEWS), fault });
    const start = performance.now();
    expect(await metrics(token)).toMatchObject({ status: 503, body: expect.stringContaining('could not be reviewed') });
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(rule.fired).toBeGreaterThan(0);
    // A client whose token was reviewed a moment ago is served.
    expect((await metrics(known)).status).toBe(200);
    rule.remove();
    await eventually(async () => (await metrics(token)).status === 200);
  },
);

test('many clients that wait for reviews are limited, and those who are known are served', async () => {
  const known = await access.token('reader');
  expect((await metrics(known)).status).toBe(200);
  const rule = proxy.rule({ match: requests(REVIEWS), fault: { kind: 'black-hole' } });
  const flood = Array.from({ length: 80 }, (_, index) => metrics(`invented-${index}`));
  const first = await Promise.race(flood);
  expect(first.status).toBe(503);
  expect((await metrics(known)).status).toBe(200);
  const statuses = (await Promise.all(flood)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([503]));
  rule.remove();
});

test('neither a token nor its hash is in the log or in the metrics', async () => {
  const text = log.lines.join('\n') + (await metrics(tokens.reader)).body;
  expect(log.lines.some((line) => line.includes('Could not review the token of a client'))).toBe(true);
  for (const token of Object.values(tokens)) expect(text).not.toContain(token);
  expect(text).not.toContain('invented-');
});

test('a standby that may not write reviews tokens too', async () => {
  const leaderElection = { namespace: 'default', name: 'test', identity: 'standby_1' };
  const held = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'test', namespace: 'default' },
  };
  const spec = {
    holderIdentity: 'leader',
    leaseDurationSeconds: 3_600,
    renewTime: new Date().toISOString().replace('Z', '000Z'),
  };
  await access.cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify({ ...held, spec }) });
  const role = ['--verb=get,list,watch,create,patch', '--resource=leases.coordination.k8s.io'];
  await access.kubectl('create', 'role', 'leases', ...role);
  await access.kubectl('create', 'rolebinding', 'leases', '--role=leases', '--serviceaccount=default:operator');
  const standby = new Operator({
    name: 'standby',
    kubeConfig: access.operatorConfig,
    logger: recordingLogger(),
    leaderElection,
    metricsAddress: '127.0.0.1:0',
    secureMetrics: {},
  });
  await standby.start();
  expect(standby.leading).toBe(false);
  expect((await ask(standby.metricsPort ?? 0, '/metrics', { token: tokens.reader })).status).toBe(200);
  expect((await ask(standby.metricsPort ?? 0, '/metrics', { token: tokens.tenant })).status).toBe(403);
  expect((await ask(standby.metricsPort ?? 0, '/metrics')).status).toBe(401);
  await standby.stop();
});

test('protected and open endpoints cannot share an address', () => {
  const address = '127.0.0.1:18080';
  const both = { kubeConfig: access.operatorConfig, healthAddress: address, metricsAddress: address };
  expect(() => new Operator({ ...both, secureMetrics: {} })).toThrow(
    '/healthz, /readyz and /metrics have the same address 127.0.0.1:18080, but only one is protected',
  );
});

test('nothing listens any more when the operator has stopped', async () => {
  const second = new Operator({
    name: 'second',
    kubeConfig: access.operatorConfig,
    logger: recordingLogger(),
    metricsAddress: '127.0.0.1:0',
    secureMetrics: {},
    dashboard: { exposed: { address: '127.0.0.1:0' }, files: PAGE },
  });
  await second.start();
  const ports = [second.metricsPort ?? 0, second.exposedDashboardPort ?? 0];
  expect(second.dashboardPort).toBeUndefined();
  for (const port of ports) expect((await ask(port, '/metrics')).status).toBe(401);
  await second.stop();
  for (const port of ports) await expect(ask(port, '/metrics')).rejects.toThrow('ECONNREFUSED');
});
