import { HttpError } from './http-error.ts';
import { jsonBody } from './json-body.ts';
import type { NextComponent } from './next-component.ts';
import { passOn, type Route } from './route.ts';
import { validateOrder } from './validate-order.ts';

/** The controller: validates what comes from outside, so that the model gets only well-formed requests. */
export function controllerRoutes(model: NextComponent): Route[] {
  return [
    ...passOn(model),
    {
      method: 'POST',
      path: '/api/orders',
      handle: async (request) => {
        const order = validateOrder(jsonBody(request));
        if (Array.isArray(order)) throw new HttpError(400, 'The order is invalid', { problems: order });
        return { status: 201, json: await model.call('POST', '/api/orders', request.scope, order) };
      },
    },
  ];
}
