import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Component } from '../../../examples/shop/src/component.ts';
import { jsonOf, post, startComponent } from './shop-in-process.ts';

/** A controller that closes each connection at its second request, without an answer. */
const requests: string[] = [];
const used = new Set<Socket>();
const controller = createServer((request, response) => {
  requests.push(`${request.method}${used.has(request.socket) ? ' on a kept connection' : ''}`);
  if (used.has(request.socket)) return void request.socket.destroy();
  used.add(request.socket);
  response.setHeader('content-type', 'application/json').end('{"order":{"id":1}}');
});

/** As the shop's own components keep theirs. */
controller.keepAliveTimeout = 75_000;

let view: Component;
let url: string;
beforeEach(async () => {
  requests.length = 0;
  await new Promise<void>((resolve) => controller.listen(0, '127.0.0.1', resolve));
  const { port } = controller.address() as AddressInfo;
  view = await startComponent('view', { CONTROLLER_URL: `http://127.0.0.1:${port}` });
  url = `http://127.0.0.1:${view.port}/api/orders`;
});
afterEach(async () => {
  await view[Symbol.asyncDispose]();
  controller.closeAllConnections();
  await new Promise((resolve) => controller.close(resolve));
});

test('an idempotent call is sent again when its kept connection turns out to be closed', async () => {
  expect([(await fetch(url)).status, (await fetch(url)).status]).toEqual([200, 200]);
  expect(requests).toEqual(['GET', 'GET on a kept connection', 'GET']);
});

test('an order is never sent twice', async () => {
  const order = { product: 'cup', quantity: 1, customer: 'Ann' };
  expect((await post(url, order)).status).toBe(201);
  const failed = await post(url, order);
  expect([failed.status, (await jsonOf(failed)).error]).toEqual([
    502,
    expect.stringMatching(/^The controller at \S+ did not answer: ECONNRESET$/),
  ]);
  expect(requests).toEqual(['POST', 'POST on a kept connection']);
});

test('an unused connection is closed by the caller before the server would close it', async () => {
  await fetch(url);
  const [socket] = [...used].filter((one) => !one.destroyed);
  const startedAt = performance.now();
  await new Promise((resolve) => socket?.once('end', resolve));
  expect(performance.now() - startedAt).toBeLessThan(controller.keepAliveTimeout / 2);
  expect((await fetch(url)).status).toBe(200);
  expect(requests).toEqual(['GET', 'GET']);
});
