import { expect, test } from 'vitest';
import { proxyProblem } from '../../../src/services/proxy-answer.ts';
import { isProxyable, proxyPath, type ServiceAddress, serviceOfUrl } from '../../../src/services/service-address.ts';
import { serviceRoute } from '../../../src/services/service-route.ts';

const address: ServiceAddress = { scheme: 'http', namespace: 'default', service: 'shop-preview', port: 3000 };
const headers = { 'audit-id': 'b7d2' };
const NAMED = { kind: 'services', name: 'http:shop-preview:3000' };

function status(code: number, more: object = {}): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, ...more });
}

test.each([
  [503, status(503, { message: 'no endpoints available for service "shop-preview"' }), /no endpoints available/],
  [503, status(503, { message: 'error trying to reach service: dial tcp 10.1.0.4:3000' }), /error trying to reach/],
  [500, status(500, { message: 'in a release to come, in other words' }), /in other words/],
  [401, status(401, { message: 'Unauthorized' }), /Unauthorized/],
  [404, status(404, { message: 'services "shop-preview" not found', details: NAMED }), /not found/],
  [
    403,
    status(403, { message: 'cannot get resource "services/proxy"', details: NAMED }),
    /Grant get on services\/proxy/,
  ],
  [429, 'Too many requests, please try again later.\n', /Too many requests/],
  [500, 'This request caused apiserver to panic. Look in the logs for details.', /apiserver to panic/],
])("%i %s is the API server's own", (code, text, problem) => {
  expect(proxyProblem({ status: code, headers, text }, address)).toMatch(problem);
});

test.each([
  [200, undefined],
  [302, undefined],
  [503, ''],
  [503, undefined],
  [503, 'no endpoints available for service "shop-preview"'],
  [503, '{"error":"no database"}'],
  [503, 'null'],
  // Of an application that passes on what an API server told it.
  [500, status(503, { message: 'error trying to reach service: dial tcp' })],
  [404, status(404, { message: 'not found', details: { kind: 'pods', name: 'x' } })],
  [403, status(403, { message: 'forbidden', details: { kind: 'services', name: 'http:other:3000' } })],
  [403, status(403, { message: 'forbidden' })],
  [429, 'Too many requests'],
])("%i %s is the application's", (code, text) => {
  expect(proxyProblem({ status: code, headers, text }, address)).toBeUndefined();
});

test.each([200, 302, 404, 502])('%i of a gateway that never asked the API server is no answer', (code) => {
  expect(proxyProblem({ status: code, headers: {}, text: '<html>' }, address)).toMatch(/gateway in front/);
});

test.each([
  ['/health', true],
  ['/', true],
  ['/a/b/?to=../..//x&y=%2F', true],
  ['/a.b/..c/...', true],
  ['/%C3%A4', true],
  ['/../../secrets', false],
  ['/a/%2e%2E/b', false],
  ['/.', false],
  ['//evil', false],
  ['/a//b', false],
  ['/a%2Fb', false],
  ['/a%5c..', false],
  ['/a%252e', false],
  ['/a#b', false],
  ['/%zz', false],
])('%s reaches a server unchanged through the proxy: %s', (path, expected) => {
  expect(isProxyable(path)).toBe(expected);
});

test.each([
  [
    'http://prometheus.monitoring.svc:9090',
    { scheme: 'http', namespace: 'monitoring', service: 'prometheus', port: 9090 },
  ],
  ['https://p.m.svc.cluster.local/x', { scheme: 'https', namespace: 'm', service: 'p', port: 443 }],
  ['http://prometheus.monitoring:9090', undefined],
  ['http://prometheus.example.com', undefined],
  ['http://127.0.0.1:9090', undefined],
])('%s leads to the Service %j', (url, service) => {
  expect(serviceOfUrl(new URL(url))).toEqual(service);
});

test('a Service has a path at the API server', () => {
  expect(proxyPath(address)).toBe('/api/v1/namespaces/default/services/http:shop-preview:3000/proxy');
});

test.each([
  ['https://10.96.0.1:443', { KUBERNETES_SERVICE_HOST: '10.96.0.1' }, 'network'],
  ['https://[fd00::1]:443', { KUBERNETES_SERVICE_HOST: 'fd00::1' }, 'network'],
  ['https://kubernetes.default.svc', { KUBERNETES_SERVICE_HOST: '10.96.0.1' }, 'network'],
  ['https://kubernetes.default.svc.cluster.local:443', { KUBERNETES_SERVICE_HOST: '10.96.0.1' }, 'network'],
  // A pod that operates another cluster.
  ['https://api.other.example.com:6443', { KUBERNETES_SERVICE_HOST: '10.96.0.1' }, 'api-server'],
  ['https://127.0.0.1:6443', {}, 'api-server'],
  ['https://kubernetes.default.svc', {}, 'api-server'],
])('an operator of %s with %j reaches Services by %s', (url, environment, route) => {
  expect(serviceRoute(url, environment)).toBe(route);
});
