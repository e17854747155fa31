import type { Product, StoredOrder } from './catalog.ts';
import { type Hop, versionsOf } from './hops.ts';
import { type Html, html } from './html.ts';
import type { FieldProblem } from './http-error.ts';

/** What the page shows. */
export interface ShopPage {
  products: readonly Product[];
  orders: readonly StoredOrder[];
  /** The form as it was sent, shown again after an error. */
  form?: Record<string, string>;
  error?: string;
  problems?: readonly FieldProblem[];
  /** Number of the order that has just been stored. */
  ordered?: string;
}

/** How pages look. */
export interface PageStyle {
  theme: 'light' | 'dark';
  currency: string;
  /** Version of the view. Each one has a colour of its own. */
  version: string;
}

/** Returns the page of the shop: products, a form and the latest orders. */
export function shopPage(page: ShopPage, style: PageStyle, hops: readonly Hop[]): Html {
  const { products, orders, form = {}, error, problems = [], ordered } = page;
  const money = new Intl.NumberFormat('en', { style: 'currency', currency: style.currency });
  const price = (cents: number) => money.format(cents / 100);
  return documentOf(
    style,
    hops,
    html`
    ${ordered ? [html`<p class="done" role="status">Order ${ordered} is stored. Thank you!</p>`] : []}
    ${error ? [html`<p class="error" role="alert">${error}</p>`] : []}
    ${problems.length > 0 ? [html`<ul class="error">${problems.map((one) => html`<li>${one.field} ${one.problem}</li>`)}</ul>`] : []}
    <h2>Products</h2>
    <table>
      <tr><th>Product</th><th>Price</th><th>Stock</th></tr>
      ${products.map(({ name, priceCents, stock }) => html`<tr><td>${name}</td><td>${price(priceCents)}</td><td>${stock ?? 'always'}</td></tr>`)}
    </table>
    <h2>Order</h2>
    <form method="post" action="/orders">
      <label>Product <select name="product">${products.map(({ id, name }) => option(id, name, form.product === id))}</select></label>
      <label>Quantity <input name="quantity" inputmode="numeric" value="${form.quantity ?? '1'}"></label>
      <label>Your name <input name="customer" value="${form.customer ?? ''}"></label>
      <button>Order</button>
    </form>
    <h2>Latest orders</h2>
    <table>
      <tr><th>No.</th><th>Customer</th><th>Product</th><th>Quantity</th><th>Total</th></tr>
      ${orders.map((one) => html`<tr><td>${one.id}</td><td>${one.customer}</td><td>${one.product}</td><td>${one.quantity}</td><td>${price(one.totalCents)}</td></tr>`)}
    </table>`,
  );
}

/** Returns the page of an error that leaves nothing else to show. */
export function errorPage(error: string, style: PageStyle, hops: readonly Hop[]): Html {
  return documentOf(
    style,
    hops,
    html`<p class="error" role="alert">${error}</p><p><a href="/">Back to the shop</a></p>`,
  );
}

function option(id: string, name: string, selected: boolean): Html {
  return selected
    ? html`<option value="${id}" selected>${name}</option>`
    : html`<option value="${id}">${name}</option>`;
}

function documentOf({ theme, version }: PageStyle, hops: readonly Hop[], content: Html): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Shop ${version}</title>
    <style>
      :root { color-scheme: ${theme}; font-family: system-ui, sans-serif; }
      body { max-width: 44rem; margin: 0 auto; padding: 0 1rem; }
      header { border-bottom: 0.5rem solid hsl(${hueOf(version)} 70% 50%); }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; padding: 0.3rem; border-bottom: 1px solid #8886; }
      label { display: block; margin: 0.5rem 0; }
      .error { color: light-dark(#b00020, #ff8a80); }
      footer { margin: 2rem 0; font-size: 0.8rem; }
    </style>
  </head>
  <body>
    <header><h1>Shop ${version}</h1></header>
    <main>${content}</main>
    <footer data-versions="${versionsOf(hops).join(',')}">Answered by ${hops.map(
      ({ component, version: one, pod }) => html`<span title="${pod}">${component} ${one}</span> `,
    )}</footer>
  </body>
</html>
`;
}

/** Versions differ in colour, so that a release can be seen. */
function hueOf(version: string): number {
  let hash = 0;
  for (const character of version) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  // Far apart for versions that differ in one digit.
  return (hash * 137) % 360;
}
