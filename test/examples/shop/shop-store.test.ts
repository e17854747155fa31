import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { databaseIn, Store } from '../../../examples/shop/src/store.ts';
import { jsonOf, post, ShopInProcess } from './shop-in-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-data-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('orders and stock survive a restart', async () => {
  const order = { product: 'cup', quantity: 3, customer: 'Ann' };
  {
    await using shop = await ShopInProcess.start({ repository: { DATA_FOLDER: folder } });
    expect((await post(shop.url('view', '/api/orders'), order)).status).toBe(201);
  }
  await using shop = await ShopInProcess.start({ repository: { DATA_FOLDER: folder } });
  const { orders } = await jsonOf(await fetch(shop.url('view', '/api/orders')));
  expect(orders).toMatchObject([{ ...order, id: 1, totalCents: 2670, discountPercent: 0 }]);
  const { product } = await jsonOf(await fetch(shop.url('view', '/api/products/cup')));
  expect(product.stock).toBe(197);
});

test.each(['wal', 'delete'] as const)('several pods share one volume (journal mode %s)', async (journalMode) => {
  const file = databaseIn(folder);
  expect(file).toBe(join(folder, 'shop.db'));
  const stores = await Promise.all(Array.from({ length: 4 }, () => Store.open(file, journalMode)));
  const order = { product: 'kettle', quantity: 1, customer: 'Ann', discountPercent: 0, totalCents: 4900 };
  const stored = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => stores[index % 4]?.addOrder(order)?.id);
  expect(stored).toEqual([1, 2, 3, 4, 5, undefined, undefined, undefined]);
  for (const store of stores) {
    expect(store.product('kettle')?.stock).toBe(0);
    expect(store.orders(3).map(({ id }) => id)).toEqual([5, 4, 3]);
    store[Symbol.dispose]();
  }
});

test('without a volume the data is in memory', () => {
  expect(databaseIn(join(folder, 'none'))).toBe(':memory:');
});

test.skipIf(process.getuid?.() === 0)('a volume that is not writable is an error', async () => {
  await chmod(folder, 0o500);
  expect(() => databaseIn(folder)).toThrow(`The data folder ${folder} is not writable`);
});
