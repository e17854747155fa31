import { expect, test } from 'vitest';
import { exposedRefusalOf, refusalOf } from '../../../operator/dashboard/refusal.ts';

const status = (headers: Record<string, string>, method = 'GET') => refusalOf(method, headers)?.status;

test.each(['localhost', 'localhost:8090', 'LOCALHOST:1', '127.0.0.1', '127.0.0.1:9000', '[::1]:8090'])(
  'a request to host %s is allowed',
  (host) => expect(status({ host })).toBeUndefined(),
);

test.each([
  '',
  'evil.example',
  'evil.example:8090',
  'localhost.evil.example:8090',
  '127.0.0.1.evil.example',
  'localhost:8090@evil.example',
  '10.0.0.1:8090',
  'localhost:',
])('a request to host %j is refused because of DNS rebinding', (host) => expect(status({ host })).toBe(403));

test('methods other than GET and HEAD are refused', () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    expect(status({ host: 'localhost' }, method)).toBe(405);
  expect(status({ host: 'localhost' }, 'HEAD')).toBeUndefined();
});

test('other pages may link to the dashboard but not read it', () => {
  const from = (site: string, more: Record<string, string> = {}) =>
    status({ host: 'localhost:8090', 'sec-fetch-site': site, ...more });
  expect(from('same-origin', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' })).toBeUndefined();
  expect(from('none', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBeUndefined();
  expect(from('cross-site', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBeUndefined();
  for (const site of ['cross-site', 'same-site']) {
    expect(from(site, { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' })).toBe(403);
    expect(from(site, { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' })).toBe(403);
    expect(from(site, { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).toBe(403);
  }
});

test('an exposed dashboard has any name, and is still not read by other sites', () => {
  const exposed = (headers: Record<string, string>, method = 'GET') => exposedRefusalOf(method, headers)?.status;
  expect(exposed({ host: 'dashboard.example.com' })).toBeUndefined();
  expect(exposed({})).toBeUndefined();
  expect(exposed({ host: 'dashboard.example.com', 'sec-fetch-site': 'same-origin' })).toBeUndefined();
  expect(exposed({ host: 'dashboard.example.com', 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(exposed({ host: 'dashboard.example.com', 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(exposed({ host: 'dashboard.example.com' }, 'POST')).toBe(405);
});
