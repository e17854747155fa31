import type { Product, StoredOrder } from './catalog.ts';
import { type Hop, hopsIn } from './hops.ts';
import { HttpError } from './http-error.ts';
import { jsonBody } from './json-body.ts';
import type { CallScope, NextComponent } from './next-component.ts';
import { passOn, type Route, type RouteAnswer } from './route.ts';
import { errorPage, type PageStyle, type ShopPage, shopPage } from './shop-page.ts';

const FORM = 'application/x-www-form-urlencoded';

/** The view: pages for people, and the same as JSON for programs. What it shows comes from the controller. */
export function viewRoutes(controller: NextComponent, style: PageStyle): Route[] {
  return [
    ...passOn(controller),
    {
      method: 'POST',
      path: '/api/orders',
      handle: async (request) => {
        const body = jsonBody(request) as object;
        return { status: 201, json: await controller.call('POST', '/api/orders', request.scope, body) };
      },
    },
    {
      method: 'GET',
      path: '/',
      handle: ({ query, scope }) => page(scope, 200, { ordered: /^\d+$/.exec(query.get('ordered') ?? '')?.[0] }),
    },
    {
      method: 'POST',
      path: '/orders',
      handle: async ({ contentType, body, scope }) => {
        if (contentType !== FORM) {
          return failed(new HttpError(415, `The content type is ${JSON.stringify(contentType)}: it must be ${FORM}`));
        }
        const form = Object.fromEntries(new URLSearchParams(body));
        try {
          const json = await controller.call('POST', '/api/orders', scope, form);
          const { id } = (json as { order: StoredOrder }).order;
          // A reload of the next page does not order again.
          return { status: 303, headers: { location: `/?ordered=${id}` }, hops: hopsIn(json) };
        } catch (error) {
          if (!(error instanceof HttpError) || error.status >= 500) return failed(error);
          const { problems, hops } = error.details;
          return page(scope, error.status, { form, error: error.message, problems }, hops);
        }
      },
    },
  ];

  async function page(
    scope: CallScope,
    status: number,
    more: Partial<ShopPage>,
    earlier: readonly Hop[] = [],
  ): Promise<RouteAnswer> {
    try {
      const [products, orders] = await Promise.all([
        controller.call('GET', '/api/products', scope) as Promise<{ products: Product[] }>,
        controller.call('GET', '/api/orders', scope) as Promise<{ orders: StoredOrder[] }>,
      ]);
      return {
        status,
        page: (hops) => shopPage({ ...products, ...orders, ...more }, style, hops),
        hops: [...earlier, ...hopsIn(products), ...hopsIn(orders)],
      };
    } catch (error) {
      return failed(error);
    }
  }

  function failed(error: unknown): RouteAnswer {
    if (!(error instanceof HttpError)) throw error;
    return {
      status: error.status,
      page: (hops) => errorPage(error.message, style, hops),
      hops: error.details.hops,
    };
  }
}
