import type { Hop } from './hops.ts';
import type { Html } from './html.ts';
import type { CallScope, NextComponent } from './next-component.ts';

/** A request to the application. */
export interface RouteRequest {
  path: string;
  /** Decoded value of `:id` in the path of the route; empty if it has none. */
  id: string;
  query: URLSearchParams;
  /** Media type of the body, without parameters. */
  contentType: string;
  body: string;
  scope: CallScope;
}

/** An answer: JSON, a page, or only a status with headers. */
export interface RouteAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** The field `hops` is set to all components that took part in the answer. */
  json?: object;
  /** @param hops all components that took part in the answer */
  page?: (hops: readonly Hop[]) => Html;
  /** The components behind this one that took part. Default: those in the field `hops` of `json`. */
  hops?: readonly Hop[];
}

/** One path of a component. */
export interface Route {
  method: 'GET' | 'POST';
  /** A path, whose last segment may be `:id`. */
  path: string;
  handle(request: RouteRequest): RouteAnswer | Promise<RouteAnswer>;
}

/** Returns the routes that read products and orders from the component behind. */
export function passOn(next: NextComponent): Route[] {
  return ['/api/products', '/api/products/:id', '/api/orders'].map((path) => ({
    method: 'GET',
    path,
    handle: async ({ path, scope }) => ({ json: await next.call('GET', path, scope) }),
  }));
}

/** Returns the value of `:id` if a path fits the path of a route, '' if that has no id, undefined if it does not fit. */
export function matchPath(pattern: string, path: string): string | undefined {
  if (!pattern.endsWith('/:id')) return pattern === path ? '' : undefined;
  const folder = pattern.slice(0, -':id'.length);
  const id = path.slice(folder.length);
  if (!path.startsWith(folder) || id === '' || id.includes('/')) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}
