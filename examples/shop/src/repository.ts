import type { PricedOrder } from './catalog.ts';
import { HttpError } from './http-error.ts';
import { jsonBody } from './json-body.ts';
import type { Route } from './route.ts';
import type { Store } from './store.ts';

const LATEST_ORDERS = 20;

/** The repository: stores products and orders. It trusts the model, which is its only caller. */
export function repositoryRoutes(store: Store): Route[] {
  return [
    { method: 'GET', path: '/api/products', handle: () => ({ json: { products: store.products() } }) },
    {
      method: 'GET',
      path: '/api/products/:id',
      handle: ({ id }) => {
        const product = store.product(id);
        if (!product) throw new HttpError(404, `There is no product ${JSON.stringify(id)}: see GET /api/products`);
        return { json: { product } };
      },
    },
    { method: 'GET', path: '/api/orders', handle: () => ({ json: { orders: store.orders(LATEST_ORDERS) } }) },
    {
      method: 'POST',
      path: '/api/orders',
      handle: (request) => {
        const order = jsonBody(request) as PricedOrder;
        const stored = store.addOrder(order);
        if (!stored) throw new HttpError(409, `The stock of ${order.product} has changed: try again`);
        return { status: 201, json: { order: stored } };
      },
    },
  ];
}
