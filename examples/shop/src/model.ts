import type { OrderRequest, Product } from './catalog.ts';
import { hopsIn } from './hops.ts';
import { HttpError } from './http-error.ts';
import { jsonBody } from './json-body.ts';
import type { NextComponent } from './next-component.ts';
import { priceOrder } from './price-order.ts';
import { passOn, type Route } from './route.ts';

/** The model: the rules of the shop. It reads and writes through the repository. */
export function modelRoutes(repository: NextComponent): Route[] {
  return [
    ...passOn(repository),
    {
      method: 'POST',
      path: '/api/orders',
      handle: async (request) => {
        const order = jsonBody(request) as OrderRequest;
        const { scope } = request;
        const found = await repository.call('GET', `/api/products/${encodeURIComponent(order.product)}`, scope);
        const hops = hopsIn(found);
        const priced = priceOrder((found as { product: Product }).product, order);
        if ('refused' in priced) throw new HttpError(409, priced.refused, { hops });
        const json = await repository.call('POST', '/api/orders', scope, priced);
        return { status: 201, json, hops: [...hops, ...hopsIn(json)] };
      },
    },
  ];
}
