import { Agent } from 'undici';
import { expect, test } from 'vitest';
import type { CheckAttempt, CheckSpec } from '../../../resources/index.ts';
import { prometheusCheck } from '../../../src/checks/prometheus-check.ts';
import { parsePrometheusUrl } from '../../../src/prometheus/prometheus-url.ts';
import { stored } from '../blue-green/stored.ts';
import { TestServer, UNENDING } from './server.ts';

const direct = { dispatcher: new Agent({ pipelining: 0 }) };

function attempt(prometheus: NonNullable<CheckSpec['prometheus']>): CheckAttempt {
  return {
    check: { name: 'errors', prometheus, successes: 1, allowedFailures: 0, intervalSeconds: 10, timeoutSeconds: 5 },
    stage: 'postPromotion',
    environment: { name: 'green', revision: 'r', api: stored('b'), replicas: {}, referenceHashes: {} },
    since: '2026-01-01T00:00:00.000Z',
    number: 1,
  };
}

const success = (data: object) => JSON.stringify({ status: 'success', data });
const vector = (...values: string[]) =>
  success({ resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) });

test('it asks the API of the server, under its path, with what it looks at filled in', async () => {
  await using server = await TestServer.start((_, response) => response.end(vector('1')));
  const query = 'sum(rate(x{app="{{name}}",ns="{{namespace}}",env="{{environment}}",other="{{x}}"}[1m]))';
  await prometheusCheck(attempt({ query, min: 1 }), new URL(`${server.url}/prom/`), direct, UNENDING);
  const [asked] = server.requests;
  expect(asked).toMatchObject({ method: 'POST', url: '/prom/api/v1/query' });
  expect(new URLSearchParams(asked?.body).get('query')).toBe(
    'sum(rate(x{app="shop",ns="default",env="green",other="{{x}}"}[1m]))',
  );
});

test.each([
  [vector('0.5'), true, 'the query returned 0.5, which is at least 0 and at most 1'],
  [vector('0'), true, 'which is'],
  [vector('1'), true, 'which is'],
  [success({ resultType: 'scalar', result: [1, '0.1'] }), true, 'the query returned 0.1'],
  [vector('0.5', '1.1'), false, 'the query returned 1.1, expected at least 0 and at most 1'],
  [vector('-0.1'), false, 'returned -0.1'],
  [vector('+Inf'), false, 'returned Infinity'],
])('%s is a verdict', async (body, ok, message) => {
  await using server = await TestServer.start((_, response) => response.end(body));
  const answer = await prometheusCheck(attempt({ query: 'x', min: 0, max: 1 }), new URL(server.url), direct, UNENDING);
  expect(answer).toEqual({ ok, message: expect.stringContaining(message) });
});

test.each([
  [vector('NaN'), 'returned NaN'],
  [vector('0.5', 'NaN'), 'returned NaN'],
  [vector(), 'the query returned no value'],
  [success({ resultType: 'matrix', result: [] }), 'the result is a matrix, expected'],
  ['{"status":"error","errorType":"bad_data","error":"parse error at char 3"}', 'parse error at char 3'],
  ['<html>', 'the body is not JSON'],
  [`"${'x'.repeat(2 * 1024 * 1024)}"`, 'larger than'],
])('%s is no answer, and says nothing about the version', async (body, message) => {
  await using server = await TestServer.start((_, response) => response.end(body));
  const answer = await prometheusCheck(attempt({ query: 'x', min: 0, max: 1 }), new URL(server.url), direct, UNENDING);
  expect(answer).toEqual({ ok: false, unknown: true, message: expect.stringContaining(message) });
});

test('neither is a server that is away', async () => {
  const server = await TestServer.start(() => {});
  const { url } = server;
  await server[Symbol.asyncDispose]();
  const answer = await prometheusCheck(attempt({ query: 'x', min: 0 }), new URL(url), direct, UNENDING);
  expect(answer).toEqual({ ok: false, unknown: true, message: expect.stringContaining('ECONNREFUSED') });
});

test('neither is a body that trickles: it ends at the timeout', async () => {
  await using server = await TestServer.start((_, response) => {
    const timer = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(timer));
  });
  const slow = attempt({ query: 'x', min: 0 });
  slow.check.timeoutSeconds = 1;
  const answer = await prometheusCheck(slow, new URL(server.url), direct, UNENDING);
  expect(answer).toEqual({ ok: false, unknown: true, message: expect.stringContaining('no response within 1 s') });
});

test('without a configured server there is never an answer, and it says how to have one', async () => {
  expect(await prometheusCheck(attempt({ query: 'x', min: 0 }), undefined, direct, UNENDING)).toEqual({
    ok: false,
    unknown: true,
    final: true,
    message: 'no Prometheus server is configured: start the operator with --prometheus-url, or remove the check',
  });
});

test.each(['prometheus:9090', 'file:///etc/passwd', '', 'no'])('%j is no URL of Prometheus', (text) => {
  expect(() => parsePrometheusUrl(text)).toThrow('Invalid Prometheus URL');
});
