import type { OrderRequest, PricedOrder, Product } from './catalog.ts';

/** From this number of pieces on there is a discount. */
const BULK_PIECES = 10;
const BULK_DISCOUNT_PERCENT = 5;

/** Returns the order with its price, or why it is refused. */
export function priceOrder(product: Product, order: OrderRequest): PricedOrder | { refused: string } {
  const { quantity } = order;
  if (product.stock !== null && product.stock < quantity) return { refused: notEnough(product, quantity) };
  const discountPercent = quantity >= BULK_PIECES ? BULK_DISCOUNT_PERCENT : 0;
  const totalCents = Math.round((product.priceCents * quantity * (100 - discountPercent)) / 100);
  return { ...order, discountPercent, totalCents };
}

/** Returns the message of an order that the stock does not cover. */
export function notEnough({ name, stock }: Product, quantity: number): string {
  if (stock === 0) return `${name} is sold out: choose another product`;
  return `${quantity} pieces of ${name} are not in stock: order at most ${stock}`;
}
