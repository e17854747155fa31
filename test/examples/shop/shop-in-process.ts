import type { Product, StoredOrder } from '../../../examples/shop/src/catalog.ts';
import { Component } from '../../../examples/shop/src/component.ts';
import type { Hop } from '../../../examples/shop/src/hops.ts';
import { COMPONENTS, type ComponentName, readSettings } from '../../../examples/shop/src/settings.ts';

type Variables = Record<string, string>;

/** Environment variables by component, and for all of them. */
export type ShopVariables = Partial<Record<ComponentName | 'all', Variables>>;

/** The four components of the example in this process, on free ports, calling each other. */
export class ShopInProcess implements AsyncDisposable {
  readonly components: Readonly<Record<ComponentName, Component>>;
  /** Lines that the components logged. */
  readonly lines: string[];

  private constructor(components: Record<ComponentName, Component>, lines: string[]) {
    this.components = components;
    this.lines = lines;
  }

  static async start(variables: ShopVariables = {}): Promise<ShopInProcess> {
    const lines: string[] = [];
    const started: Partial<Record<ComponentName, Component>> = {};
    const urls: Variables = {};
    // The repository first, as each needs the address of the next.
    for (const component of COMPONENTS.toReversed()) {
      const own = { ...variables.all, ...variables[component] };
      const one = await startComponent(component, { ...urls, ...own }, lines);
      started[component] = one;
      urls[`${component.toUpperCase()}_URL`] = `http://127.0.0.1:${one.port}`;
    }
    return new ShopInProcess(started as Record<ComponentName, Component>, lines);
  }

  url(component: ComponentName, path = ''): string {
    return `http://127.0.0.1:${this.components[component].port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const component of COMPONENTS) await this.components[component][Symbol.asyncDispose]();
  }
}

/** Starts one component on a free port. The default data folder does not exist, so a repository keeps its data in memory. */
export function startComponent(
  component: ComponentName,
  variables: Variables,
  lines: string[] = [],
): Promise<Component> {
  const settings = readSettings({
    COMPONENT: component,
    PORT: '0',
    SHOP_VERSION: '1.0.0',
    HOSTNAME: `shop-${component}`,
    DATA_FOLDER: '/nonexistent/data',
    ...variables,
  });
  return Component.start(settings, {
    log: (message, fields) => lines.push(`${message} ${JSON.stringify(fields ?? {})}`),
  });
}

/** Sends JSON. */
export function post(url: string, body: unknown): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
}

/** The fields of answers in JSON; which of them there are depends on the request. */
export interface JsonAnswer {
  error: string;
  problems?: { field: string; problem: string }[];
  product: Product;
  orders: StoredOrder[];
  hops: Hop[];
}

export async function jsonOf(response: Response): Promise<JsonAnswer> {
  return (await response.json()) as JsonAnswer;
}
