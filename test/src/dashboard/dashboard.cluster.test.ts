import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Dashboard } from '../../../operator/dashboard/dashboard.ts';
import { eventually } from '../../support/eventually.ts';
import { EventReader, type ReadEvent } from './event-reader.ts';
import { HandMadeSource } from './hand-made-source.ts';

const FILES = { '/': { contentType: 'text/html; charset=utf-8', body: '<!doctype html>' } };
const MAX_VIEWERS = 3;

let source: HandMadeSource;
let dashboard: Dashboard;
let port: number;
let about: object;
const ends: (() => unknown)[] = [];
let failures: string[];
const onFailure = (key: string, error: unknown) => void failures.push(`${key}: ${error}`);

beforeEach(async () => {
  source = new HandMadeSource();
  failures = [];
  about = { leading: false };
  dashboard = new Dashboard(
    { port: 0, files: FILES, maxViewers: MAX_VIEWERS },
    { sources: [source], about: () => about, onFailure },
  );
  port = await dashboard.listen();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await dashboard.close();
});

async function read(path = 'restapis'): Promise<EventReader> {
  const reader = await EventReader.open(`http://127.0.0.1:${port}/events/${path}`);
  ends.push(() => reader.close());
  return reader;
}

/** Sends one request. @returns status, headers and body */
async function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  const sent = request({ host: '127.0.0.1', port, path, ...options });
  sent.end();
  const [response] = await once(sent, 'response');
  response.setEncoding('utf8');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

test('the dashboard listens on 127.0.0.1 only', async () => {
  // 127.0.0.2 is this machine too, and would connect if the dashboard listened on all addresses.
  const socket = connect({ host: '127.0.0.2', port });
  await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED');
});

test('everything but GET and HEAD of its own files under a local name is refused', async () => {
  const page = await ask('/');
  expect(page).toMatchObject({ status: 200, body: '<!doctype html>' });
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(page.headers['x-content-type-options']).toBe('nosniff');
  expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  expect(await ask('/events/restapis', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  for (const headers of [{ host: 'evil.example' }, { host: `evil.example:${port}` }]) {
    expect(await ask('/', { headers })).toMatchObject({ status: 403 });
    expect(await ask('/events/restapis', { headers })).toMatchObject({ status: 403 });
  }
  expect(await ask('/events/restapis', { headers: { 'sec-fetch-site': 'cross-site' } })).toMatchObject({ status: 403 });
  for (const path of [
    '/../package.json',
    '/%2e%2e/package.json',
    '/nope.js',
    '/events/pods',
    '/events/',
    '/events/restapis/',
  ]) {
    expect(await ask(path), path).toMatchObject({ status: 404 });
  }
});

test('a viewer receives all resources, then changes; unchanged views are not sent', async () => {
  source.set('default/shop', { phase: 'Ready' });
  const viewer = await read();
  expect(await viewer.next()).toMatchObject({ event: 'operator', data: { leading: false, page: expect.any(String) } });
  expect(await viewer.next()).toEqual({ event: 'all', data: [['default/shop', { phase: 'Ready' }]] });
  source.set('default/shop', { phase: 'Ready' });
  source.set('default/blog', { phase: 'Progressing' });
  source.set('default/blog', { phase: 'Failed' });
  expect(await viewer.next()).toEqual({ event: 'changed', data: [['default/blog', { phase: 'Failed' }]] });
  source.set('default/shop', undefined);
  expect(await viewer.next()).toEqual({ event: 'changed', data: [['default/shop', null]] });
  about = { leading: true };
  dashboard.sendAbout();
  expect(await viewer.next()).toMatchObject({ event: 'operator', data: { leading: true } });
});

test('the stream of one resource reports its absence, its views and nothing of others', async () => {
  const viewer = await read('restapis/default/shop');
  await viewer.next();
  expect(await viewer.next()).toEqual({ event: 'all', data: [] });
  source.set('default/blog', { phase: 'Ready' });
  source.set('default/shop', { phase: 'Ready' }, { phase: 'Ready', pods: 2 });
  expect(await viewer.next()).toEqual({ event: 'changed', data: [['default/shop', { phase: 'Ready', pods: 2 }]] });
  source.set('default/shop', undefined);
  expect(await viewer.next()).toEqual({ event: 'changed', data: [['default/shop', null]] });
});

test('each view is built once for all viewers, and never without viewers', async () => {
  source.set('default/shop', { phase: 'Ready' });
  expect(source.reads).toBe(0);
  const viewers = [await read(), await read(), await read()];
  for (const viewer of viewers)
    for (const event of ['operator', 'all']) expect(await viewer.next()).toMatchObject({ event });
  expect(source.reads).toBe(1);
  source.set('default/shop', { phase: 'Failed' });
  for (const viewer of viewers) expect(await viewer.next()).toMatchObject({ event: 'changed' });
  expect(source.reads).toBe(2);
  for (const viewer of viewers) viewer.close();
  await eventually(() => dashboard.viewers === 0);
  source.set('default/shop', { phase: 'Ready' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(source.reads).toBe(2);
});

test('a view that fails keeps its last state and does not affect others', async () => {
  source.set('default/shop', { phase: 'Ready' });
  const viewer = await read();
  for (const event of ['operator', 'all']) expect(await viewer.next()).toMatchObject({ event });
  const broken = {
    get phase(): string {
      throw new Error('no phase');
    },
  };
  source.set('default/shop', broken);
  source.set('default/blog', { phase: 'Ready' });
  expect(await viewer.next()).toEqual({ event: 'changed', data: [['default/blog', { phase: 'Ready' }]] });
  expect(failures).toEqual(['default/shop: Error: no phase']);
  // It does not stop a page from being opened either.
  const other = await read('restapis/default/shop');
  await other.next();
  expect(await other.next()).toEqual({ event: 'all', data: [] });
});

test('viewers above the limit are refused until another one closes', async () => {
  const viewers = [await read(), await read(), await read()];
  const refused = await ask('/events/restapis');
  expect(refused).toMatchObject({
    status: 503,
    body: 'The limit of 3 open pages is reached; close one\n',
  });
  viewers[0]?.close();
  const late = await eventually(() => read().catch(() => undefined));
  expect(await late.next()).toMatchObject({ event: 'operator' });
});

test('a viewer that does not read is disconnected, and others are not delayed', async () => {
  // On a slow machine heartbeats come between the changes.
  const isChange = ({ event }: ReadEvent) => event === 'changed';
  const big = (text: string) => ({ text: text.repeat(400_000) });
  source.set('default/shop', big('.'));
  const slow: Socket = connect({ host: '127.0.0.1', port });
  ends.push(() => slow.destroy());
  slow.pause();
  slow.on('error', () => {});
  slow.write(`GET /events/restapis HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  const quick = await read();
  for (const event of ['operator', 'all']) expect(await quick.next()).toMatchObject({ event });
  expect(dashboard.viewers).toBe(2);
  // The two ends of a connection buffer some megabytes; everything after that waits in this process.
  let sent = 0;
  for (; dashboard.viewers === 2 && sent < 60; sent++) {
    source.set('default/shop', big(String.fromCharCode(97 + (sent % 26))));
    await quick.until(isChange);
  }
  expect(dashboard.viewers).toBe(1);
  source.set('default/shop', { text: 'end' });
  expect(await quick.until(isChange)).toEqual({ event: 'changed', data: [['default/shop', { text: 'end' }]] });
});
