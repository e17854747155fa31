import { once } from 'node:events';
import fc from 'fast-check';
import { Agent } from 'undici';
import { expect, test } from 'vitest';
import { type CheckAttempt, type CheckSpec, timeoutOf } from '../../../resources/index.ts';
import { httpCheck } from '../../../src/checks/http-check.ts';
import { stored } from '../blue-green/stored.ts';
import { ledTo, TestServer, UNENDING } from './server.ts';

type Http = Partial<NonNullable<CheckSpec['http']>>;

function attempt(http: Http, more: Partial<CheckAttempt> = {}, timeoutSeconds = 5): CheckAttempt {
  const full = { path: '/health', minStatus: 200, maxStatus: 299, ...http };
  return {
    check: { name: 'smoke', http: full, successes: 1, allowedFailures: 0, intervalSeconds: 10, timeoutSeconds },
    stage: 'prePromotion',
    environment: { name: 'green', revision: 'r', api: stored('b'), replicas: {}, referenceHashes: {} },
    since: '2026-01-01T00:00:00.000Z',
    number: 1,
    ...more,
  };
}

test.each([
  [{}, 'prePromotion', 'shop-preview.default.svc:3000'],
  [{ component: 'model' }, 'prePromotion', 'shop-preview.default.svc:8080'],
  [{}, 'postPromotion', 'shop.default.svc:3000'],
  [{ component: 'model' }, 'postPromotion', 'shop-model-green.default.svc:8080'],
] as const)('%j %s asks %s', async (http, stage, host) => {
  await using server = await TestServer.start((_, response) => response.end('fine'));
  const { agent, asked } = ledTo(server.port);
  const answer = await httpCheck(attempt(http, { stage }), agent, UNENDING);
  expect(answer).toEqual({ ok: true, message: `GET http://${host}/health returned 200` });
  expect(asked).toEqual([host]);
});

test('no path leads to another host, or has a second request sent', async () => {
  await using server = await TestServer.start((_, response) => response.end('fine'));
  const { agent, asked } = ledTo(server.port);
  const nasty = [
    '//evil.example.com/',
    '/@evil.example.com/',
    '/:80@evil.example.com/',
    '/\\evil.example.com',
    '/../../evil',
    '/?to=http://evil.example.com',
    '/#@evil.example.com',
    '/%0d%0aHost:%20evil.example.com',
  ];
  for (const path of nasty) expect(await httpCheck(attempt({ path }), agent, UNENDING)).toMatchObject({ ok: true });
  // As they are; a server gets no fragment.
  expect(server.requests.map(({ url }) => url)).toEqual(nasty);
  const refused = [
    'http://evil.example.com/',
    '@evil.example.com/',
    'evil',
    '',
    '/ HTTP/1.1\r\nHost: evil\r\n\r\nGET /',
    '/a\nb',
    '/a\tb',
    '/ä',
  ];
  for (const path of refused) {
    expect(await httpCheck(attempt({ path }), agent, UNENDING)).toMatchObject({
      ok: false,
      message: expect.stringContaining('not a valid path'),
    });
  }
  expect(server.requests).toHaveLength(nasty.length);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 30 }), async (text) => {
      await httpCheck(attempt({ path: `/${text}` }), agent, UNENDING);
      expect(new Set(asked)).toEqual(new Set(['shop-preview.default.svc:3000']));
    }),
    { numRuns: 200 },
  );
  expect(new Set(server.requests.map(({ host }) => host))).toEqual(new Set(['shop-preview.default.svc:3000']));
});

test('a redirect is an answer, and is not followed', async () => {
  await using other = await TestServer.start((_, response) => response.end('secret'));
  await using server = await TestServer.start((_, response) => {
    response.writeHead(302, { location: `${other.url}/secret` }).end();
  });
  const { agent } = ledTo(server.port);
  expect(await httpCheck(attempt({}), agent, UNENDING)).toEqual({
    ok: false,
    message: 'GET http://shop-preview.default.svc:3000/health returned 302, expected 200 to 299',
  });
  expect(await httpCheck(attempt({ minStatus: 302, maxStatus: 302 }), agent, UNENDING)).toMatchObject({ ok: true });
  expect(other.requests).toEqual([]);
  expect(server.requests).toHaveLength(2);
});

test('a body without end is not read', async () => {
  let sent = 0;
  let closed: Promise<unknown> | undefined;
  await using server = await TestServer.start((_, response) => {
    closed = once(response, 'close');
    const chunk = Buffer.alloc(64 * 1024);
    const send = () => {
      sent += chunk.length;
      if (response.write(chunk)) setImmediate(send);
      else response.once('drain', send);
    };
    send();
  });
  const { agent } = ledTo(server.port);
  expect(await httpCheck(attempt({}), agent, UNENDING)).toMatchObject({ ok: true });
  await closed;
  expect(sent).toBeLessThan(16 * 1024 * 1024);
});

test('a timeout, a refused connection and a disabled component fail with a message', async () => {
  await using server = await TestServer.start(() => {});
  const { agent } = ledTo(server.port);
  const began = Date.now();
  expect(await httpCheck(attempt({}, {}, 1), agent, UNENDING)).toEqual({
    ok: false,
    message: 'GET http://shop-preview.default.svc:3000/health: no response within 1 s',
  });
  // By default it would wait for minutes.
  expect(Date.now() - began).toBeLessThan(20_000);
  expect(await httpCheck(attempt({}), ledTo(1).agent, UNENDING)).toMatchObject({
    ok: false,
    message: expect.stringContaining('ECONNREFUSED'),
  });
  const off = attempt({ component: 'model' });
  off.environment.api.spec.model.enabled = false;
  expect((await httpCheck(off, agent, UNENDING)).message).toContain('component model is not enabled');
});

test('a name that is not resolved is no answer, at any time', async () => {
  const answer = await httpCheck(attempt({}), new Agent(), UNENDING);
  expect(answer).toEqual({ ok: false, unknown: true, message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
});

test('a request never takes longer than 300 s, whatever the RestAPI says: a day from before there was a limit is cut', () => {
  const { check } = attempt({}, {}, 86_400);
  expect(timeoutOf(check)).toBe(300);
  expect(timeoutOf({ ...check, http: undefined, job: { image: 'tests:1' } } as CheckSpec)).toBe(86_400);
});

test('a server whose headers trickle, or that is never connected, ends at the timeout', async () => {
  await using server = await TestServer.start(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket.write('x: y\r\n'), 100);
    socket.on('close', () => clearInterval(timer)).on('error', () => {});
  });
  const late = expect.stringContaining('no response within 1 s');
  expect(await httpCheck(attempt({}, {}, 1), ledTo(server.port).agent, UNENDING)).toMatchObject({ message: late });
  // As when the lookup of its name does not return.
  const silent = new Agent({ connect: () => {} });
  expect(await httpCheck(attempt({}, {}, 1), silent, UNENDING)).toMatchObject({ ok: false, message: late });
});
