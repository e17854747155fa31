import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Dashboard } from '../../operator/dashboard/dashboard.ts';
import { eventually } from '../operator/operator-cluster.ts';
import { EventReader } from './event-reader.ts';
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

/** One request by hand. @returns status, headers and the beginning of the body */
async function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  const asked = request({ host: '127.0.0.1', port, path, ...options });
  asked.end();
  const [response] = await once(asked, 'response');
  response.setEncoding('utf8');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

test('it listens on the loopback interface only', async () => {
  // 127.0.0.2 is this machine too, and would be answered if it listened on all of its addresses.
  const socket = connect({ host: '127.0.0.2', port });
  await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED');
});

test('all that is not a GET or HEAD of its own files, by its own name, is refused', async () => {
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

test('a viewer is told all there is, then what changes; what looks the same is not told', async () => {
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
  dashboard.tellAbout();
  expect(await viewer.next()).toMatchObject({ event: 'operator', data: { leading: true } });
});

test('one by itself: that it does not exist, its views, and nothing of others', async () => {
  const viewer = await read('restapis/default/shop');
  await viewer.next();
  expect(await viewer.next()).toEqual({ event: 'all', data: [] });
  source.set('default/blog', { phase: 'Ready' });
  source.set('default/shop', { phase: 'Ready' }, { phase: 'Ready', pods: 2 });
  expect(await viewer.next()).toEqual({ event: 'changed', data: [['default/shop', { phase: 'Ready', pods: 2 }]] });
  source.set('default/shop', undefined);
  expect(await viewer.next()).toEqual({ event: 'changed', data: [['default/shop', null]] });
});

test('each view is made once however many viewers there are, and never while there are none', async () => {
  source.set('default/shop', { phase: 'Ready' });
  expect(source.looks).toBe(0);
  const viewers = [await read(), await read(), await read()];
  for (const viewer of viewers)
    for (const event of ['operator', 'all']) expect(await viewer.next()).toMatchObject({ event });
  expect(source.looks).toBe(1);
  source.set('default/shop', { phase: 'Failed' });
  for (const viewer of viewers) expect(await viewer.next()).toMatchObject({ event: 'changed' });
  expect(source.looks).toBe(2);
  for (const viewer of viewers) viewer.close();
  await eventually(() => dashboard.viewers === 0);
  source.set('default/shop', { phase: 'Ready' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(source.looks).toBe(2);
});

test('a view that cannot be made ends nothing: what was told last stays, and others are told', async () => {
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
  // Nor does it keep a page from being opened.
  const other = await read('restapis/default/shop');
  await other.next();
  expect(await other.next()).toEqual({ event: 'all', data: [] });
});

test('there are so many viewers and no more; a place that gets free is given away', async () => {
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

test('a viewer that does not take in what it is sent is dropped, and others are not held up', async () => {
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
  // What the two ends of a connection hold is some megabytes; after that it waits in this process.
  let sent = 0;
  for (; dashboard.viewers === 2 && sent < 60; sent++) {
    source.set('default/shop', big(String.fromCharCode(97 + (sent % 26))));
    await quick.next();
  }
  expect(dashboard.viewers).toBe(1);
  source.set('default/shop', { text: 'end' });
  expect(await quick.next()).toEqual({ event: 'changed', data: [['default/shop', { text: 'end' }]] });
});
