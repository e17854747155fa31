import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiClient } from '../../../operator/index.ts';
import { attemptName, type CheckAttempt, type CheckSpec } from '../../../resources/index.ts';
import { CheckRunner } from '../../../src/checks/check-runner.ts';
import { proxiedHttpCheck } from '../../../src/checks/http-check.ts';
import { prometheusCheck } from '../../../src/checks/prometheus-check.ts';
import { queryRoute } from '../../../src/prometheus/query-prometheus.ts';
import { eventually } from '../../support/eventually.ts';
import { stored } from '../blue-green/stored.ts';
import { TestServer, UNENDING } from './server.ts';

const PROXY = '/api/v1/namespaces/default/services/http:shop-preview:3000/proxy';
const WHAT = 'GET http://shop-preview.default.svc:3000/health through the API server';
const AUDIT = { 'audit-id': 'b7d2' };

/** In the place of an API server. */
let server: TestServer;
let client: ApiClient;
let answer: (response: import('node:http').ServerResponse) => void;

beforeEach(async () => {
  server = await TestServer.start((_, response) => answer(response));
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'test', server: server.url, skipTLSVerify: false },
    { name: 'test', token: 'secret' },
  );
  client = new ApiClient({ kubeConfig, userAgent: 'test' });
});
afterEach(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

function attempt(check: Partial<CheckSpec> = {}): CheckAttempt {
  const counts = { successes: 1, allowedFailures: 0, intervalSeconds: 10, timeoutSeconds: 1 };
  const http = { path: '/health', minStatus: 200, maxStatus: 299 };
  return {
    check: { name: 'smoke', ...counts, ...(check.prometheus ? {} : { http }), ...check },
    stage: 'prePromotion',
    environment: { name: 'green', revision: 'r', api: stored('b'), replicas: {}, referenceHashes: {} },
    since: '2026-01-01T00:00:00.000Z',
    number: 1,
  };
}

test.each([
  [200, true, `${WHAT} returned 200`],
  [302, false, `${WHAT} returned 302, expected 200 to 299`],
  [503, false, `${WHAT} returned 503, expected 200 to 299`],
])('%i of the component is a verdict', async (status, ok, message) => {
  answer = (response) => response.writeHead(status, { ...AUDIT, location: `${server.url}/other` }).end('{"error":"x"}');
  expect(await proxiedHttpCheck(attempt(), client, UNENDING)).toEqual({ ok, message });
  expect(server.requests).toMatchObject([{ method: 'GET', url: `${PROXY}/health`, body: '' }]);
});

test('paths and queries are sent as they are, or not at all', async () => {
  answer = (response) => response.writeHead(200, AUDIT).end();
  const ask = (path: string) =>
    proxiedHttpCheck(attempt({ http: { path, minStatus: 200, maxStatus: 299 } }), client, UNENDING);
  await ask('/a?b=c+d&e=%2F#f');
  expect(server.requests[0]?.url).toBe(`${PROXY}/a?b=c+d&e=%2F#f`);
  expect(await ask('/../../../../secrets')).toMatchObject({ ok: false, unknown: true, final: true });
  expect(server.requests).toHaveLength(1);
});

test('the own errors of the API server are no answer', async () => {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 503, message: 'no endpoints available' };
  answer = (response) => response.writeHead(503, AUDIT).end(JSON.stringify(status));
  expect(await proxiedHttpCheck(attempt(), client, UNENDING)).toEqual({
    ok: false,
    unknown: true,
    message: `${WHAT}: the API server did not reach Service shop-preview: no endpoints available`,
  });
});

test('neither is a time-out, nor a connection that breaks', async () => {
  answer = () => {};
  expect(await proxiedHttpCheck(attempt(), client, UNENDING)).toEqual({
    ok: false,
    unknown: true,
    message: `${WHAT}: no response within 1 s`,
  });
  answer = (response) => void response.socket?.destroy();
  expect(await proxiedHttpCheck(attempt(), client, UNENDING)).toMatchObject({ ok: false, unknown: true });
  answer = (response) =>
    void response.writeHead(503, { ...AUDIT, 'content-length': '9' }).write('{', () => response.socket?.destroy());
  expect(await proxiedHttpCheck(attempt(), client, UNENDING)).toMatchObject({ ok: false, unknown: true });
});

test("an error whose body has no end is the component's", async () => {
  answer = (response) => {
    response.writeHead(503, AUDIT);
    const send = () => response.write('x'.repeat(16_384), (error) => error || setTimeout(send));
    send();
  };
  expect(await proxiedHttpCheck(attempt(), client, UNENDING)).toEqual({
    ok: false,
    message: `${WHAT} returned 503, expected 200 to 299`,
  });
  answer = (response) => void response.writeHead(503, AUDIT).write('x');
  expect(await proxiedHttpCheck(attempt(), client, UNENDING)).toMatchObject({
    message: `${WHAT} returned 503, expected 200 to 299`,
  });
});

test('the runner goes through the API server unless it is told to use the network', async () => {
  answer = (response) => response.writeHead(200, AUDIT).end();
  const made = attempt();
  const result = (options: ConstructorParameters<typeof CheckRunner>[0]) => {
    const runner = new CheckRunner(options);
    runner.run('uid', [made], client, () => {});
    return eventually(() => runner.results('uid')[attemptName(made)]);
  };
  expect(await result({})).toEqual({ ok: true, message: `${WHAT} returned 200` });
  // At the address of a simulated pod may be anything.
  expect(await result({ route: 'none' })).toMatchObject({ ok: false, unknown: true, final: true });
  expect(server.requests).toHaveLength(1);
  expect(await result({ route: 'network' })).toMatchObject({
    unknown: true,
    message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
  });
});

test('Prometheus in the cluster is queried through the API server', async () => {
  const url = new URL('http://prometheus.monitoring.svc:9090/prom/');
  const made = attempt({ prometheus: { query: 'up{a="b c"}', min: 1 } });
  const route = queryRoute(url, 'api-server', undefined as never, client);
  answer = (response) =>
    response.writeHead(200, AUDIT).end('{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}');
  expect(await prometheusCheck(made, url, route, UNENDING)).toMatchObject({ ok: true });
  const asked = new URL(server.requests[0]?.url ?? '', server.url);
  expect(asked.pathname).toBe('/api/v1/namespaces/monitoring/services/http:prometheus:9090/proxy/prom/api/v1/query');
  expect(asked.searchParams.get('query')).toBe('up{a="b c"}');

  answer = (response) => response.writeHead(400, AUDIT).end('{"status":"error","error":"parse error"}');
  expect(await prometheusCheck(made, url, route, UNENDING)).toMatchObject({
    unknown: true,
    message: expect.stringContaining('parse error'),
  });

  const details = { kind: 'services', name: 'http:prometheus:9090' };
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: 403,
    message: 'User "me" may not',
    details,
  };
  answer = (response) => response.writeHead(403, AUDIT).end(JSON.stringify(status));
  expect(await prometheusCheck(made, url, route, UNENDING)).toEqual({
    ok: false,
    unknown: true,
    message:
      'the query to Prometheus failed: User "me" may not. Grant get on services/proxy in namespace monitoring to the ' +
      "operator's user, or run the operator in the cluster",
  });
});
