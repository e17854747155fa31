import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseExposition } from '../../support/exposition.ts';
import { jsonOf, post, ShopInProcess, startComponent } from './shop-in-process.ts';

const ALL = 'view=1.0.0,controller=1.0.0,model=1.0.0,repository=1.0.0';
const order = (more: object = {}) => ({ product: 'voucher', quantity: 1, customer: 'Ann', ...more });

let shop: ShopInProcess;
beforeAll(async () => {
  shop = await ShopInProcess.start();
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test('the page lists products and has a form', async () => {
  const response = await fetch(shop.url('view', '/'));
  const page = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('x-shop-versions')).toBe(ALL);
  expect(page).toContain(`<footer data-versions="${ALL}">`);
  expect(page).toContain('<td>Teapot</td><td>€24.90</td><td>40</td>');
  expect(page).toContain('<form method="post" action="/orders">');
});

test('the form stores an order, and the page escapes what the customer wrote', async () => {
  const customer = `<script>alert("1")</script> & 'Co'`;
  const stored = await sendForm({ product: 'cup', quantity: '10', customer });
  expect(stored.status).toBe(303);
  expect(stored.headers.get('x-shop-versions')).toBe(ALL);
  const page = await (await fetch(new URL(stored.headers.get('location') ?? '', shop.url('view')))).text();
  expect(page).toMatch(/Order \d+ is stored/);
  expect(page).toContain('<td>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Co&#39;</td>');
  expect(page).not.toContain('<script');
  // 10 × 8.90 less 5 %.
  expect(page).toContain('<td>10</td><td>€84.55</td>');
  expect(page).toContain('<td>Cup &amp; saucer</td><td>€8.90</td><td>190</td>');
});

test('a form with problems is shown again with what was written', async () => {
  const response = await sendForm({ product: 'cup', quantity: '"><b>', customer: '' });
  const page = await response.text();
  expect(response.status).toBe(400);
  expect(page).toContain('<li>customer is missing: it must be a name of at most 80 characters</li>');
  expect(page).toContain('name="quantity" inputmode="numeric" value="&quot;&gt;&lt;b&gt;"');
  expect(page).not.toContain('<b>');
  expect(page).toContain('<option value="cup" selected>');
});

test('the controller rejects invalid orders and names each field', async () => {
  const invalid: [body: unknown, status: number, message: string][] = [
    ['{', 400, 'The body is not JSON'],
    [[], 400, 'must be an object with the fields product, quantity and customer'],
    [order({ product: '../orders' }), 400, 'product is "../orders": it must be the id of a product, such as teapot'],
    [order({ quantity: 1.5 }), 400, 'quantity is 1.5: it must be a whole number from 1 to 100'],
    [order({ quantity: 101 }), 400, 'quantity is 101: it must be a whole number from 1 to 100'],
    [order({ quantity: '-1' }), 400, 'quantity is "-1": it must be a whole number from 1 to 100'],
    [order({ customer: 'a\nb' }), 400, 'customer is "a\\nb": it must be a name of at most 80 characters'],
    [order({ price: 1 }), 400, 'price is unknown: remove it'],
    [order({ customer: 'x'.repeat(70_000) }), 413, 'it must have at most 65536'],
  ];
  for (const [body, status, message] of invalid) {
    const response = await post(shop.url('view', '/api/orders'), body);
    const { error, problems = [] } = await jsonOf(response);
    const texts = [error, ...problems.map((one) => `${one.field} ${one.problem}`.trim())];
    expect(response.status, texts.join()).toBe(status);
    expect(texts.join('\n')).toContain(message);
  }
  const form = await fetch(shop.url('controller', '/api/orders'), { method: 'POST', body: 'product=cup' });
  expect(form.status).toBe(415);
});

test('the model refuses what the stock does not cover, and unknown products', async () => {
  const refused = await post(shop.url('view', '/api/orders'), order({ product: 'kettle', quantity: 6 }));
  expect(refused.status).toBe(409);
  expect(await jsonOf(refused)).toMatchObject({
    error: '6 pieces of Kettle <1.7 l> are not in stock: order at most 5',
    hops: ['view', 'controller', 'model', 'repository'].map((component) => ({ component, version: '1.0.0' })),
  });
  expect((await post(shop.url('view', '/api/orders'), order({ product: 'kettle', quantity: 5 }))).status).toBe(201);
  const soldOut = await jsonOf(await post(shop.url('view', '/api/orders'), order({ product: 'kettle' })));
  expect(soldOut.error).toBe('Kettle <1.7 l> is sold out: choose another product');
  const unknown = await post(shop.url('view', '/api/orders'), order({ product: 'car' }));
  expect(unknown.status).toBe(404);
  expect((await jsonOf(unknown)).error).toBe('There is no product "car": see GET /api/products');
});

test('orders at the same time never sell more than the stock', async () => {
  const statuses = await Promise.all(
    Array.from(
      { length: 60 },
      async () => (await post(shop.url('view', '/api/orders'), order({ product: 'teapot' }))).status,
    ),
  );
  expect(statuses.filter((status) => status === 201)).toHaveLength(40);
  expect(statuses.filter((status) => status === 409)).toHaveLength(20);
});

test('paths, methods and ids that do not exist are refused', async () => {
  expect((await fetch(shop.url('view', '/nowhere'))).status).toBe(404);
  expect((await fetch(shop.url('view', '/api/products/%'))).status).toBe(404);
  expect((await fetch(shop.url('view', '/api/products/none'))).status).toBe(404);
  expect((await fetch(shop.url('view', '/api/products/cup'))).status).toBe(200);
  const wrong = await fetch(shop.url('view', '/api/products'), { method: 'DELETE' });
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
  const head = await fetch(shop.url('view', '/'), { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('an answer names the version of each component, and both versions of one that changed meanwhile', async () => {
  const urls = { MODEL_URL: shop.url('model') };
  await using next = await startComponent('controller', { ...urls, SHOP_VERSION: '2.0.0' });
  await using view = await startComponent('view', { CONTROLLER_URL: `http://127.0.0.1:${next.port}` });
  const mixed = await fetch(`http://127.0.0.1:${view.port}/api/products`);
  expect(mixed.headers.get('x-shop-versions')).toBe('view=1.0.0,controller=2.0.0,model=1.0.0,repository=1.0.0');
  expect((await jsonOf(mixed)).hops[1]).toEqual({ component: 'controller', version: '2.0.0', pod: 'shop-controller' });
});

test('the view alone answers /version, and a component without the next one says so', async () => {
  await using view = await startComponent('view', { SHOP_VERSION: '3.0.0' });
  const url = `http://127.0.0.1:${view.port}`;
  expect(await jsonOf(await fetch(`${url}/version`))).toMatchObject({ component: 'view', version: '3.0.0' });
  const response = await fetch(`${url}/api/products`);
  expect([response.status, (await jsonOf(response)).error]).toEqual([
    503,
    'The view has nothing to call: enable the component behind it in the RestAPI',
  ]);
});

test('a component calls the first one behind it that is enabled', async () => {
  await using view = await startComponent('view', { MODEL_URL: shop.url('model') });
  const response = await fetch(`http://127.0.0.1:${view.port}/api/products`);
  expect(response.headers.get('x-shop-versions')).toBe('view=1.0.0,model=1.0.0,repository=1.0.0');
});

test('a component that cannot be reached, or is late, is named', async () => {
  await using late = await startComponent('controller', { MODEL_URL: shop.url('model'), LATENCY_MS: '700' });
  const lateUrl = `http://127.0.0.1:${late.port}`;
  await using view = await startComponent('view', { CONTROLLER_URL: lateUrl });
  const response = await fetch(`http://127.0.0.1:${view.port}/api/products`, {
    headers: { 'x-shop-budget-ms': '400' },
  });
  expect([response.status, (await jsonOf(response)).error]).toEqual([
    504,
    `The controller at ${lateUrl} did not answer in time`,
  ]);
  await using lonely = await startComponent('view', { CONTROLLER_URL: 'http://127.0.0.1:1' });
  const refused = await fetch(`http://127.0.0.1:${lonely.port}/`);
  expect(refused.status).toBe(502);
  expect(await refused.text()).toContain('The controller at http://127.0.0.1:1 did not answer: ECONNREFUSED');
});

test('metrics count requests by route and code', async () => {
  const before = parseExposition(await (await fetch(shop.url('model', '/metrics'))).text());
  await fetch(shop.url('model', '/api/products/cup'));
  await fetch(shop.url('model', '/api/products/teapot'));
  const after = parseExposition(await (await fetch(shop.url('model', '/metrics'))).text());
  const labels = { method: 'GET', route: '/api/products/:id', code: '200' };
  const counted = (one: typeof after) => one.sum('http_requests_total', labels) ?? 0;
  expect(counted(after) - counted(before)).toBe(2);
  expect(after.types.get('http_request_duration_seconds')).toBe('histogram');
  expect(after.sum('process_cpu_seconds_total')).toBeGreaterThan(0);
});

test('a request that arrives in pieces, and two at once on one connection, are answered', async () => {
  const socket = connect(shop.components.view.port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  for (const piece of [
    'P',
    'O',
    'ST /api/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n',
    'content-length: 2\r\n\r\n[',
    ']',
  ]) {
    socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  socket.write('GET /version HTTP/1.1\r\nhost: x\r\n\r\nGET /version HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200', 'HTTP/1.1 200']);
});

function sendForm(fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(fields);
  return fetch(shop.url('view', '/orders'), { method: 'POST', body, redirect: 'manual' });
}
