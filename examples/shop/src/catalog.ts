/** A product as the repository stores it. */
export interface Product {
  id: string;
  name: string;
  priceCents: number;
  /** Pieces in stock; null for products without a limit. */
  stock: number | null;
}

/** An order as a customer asks for it. */
export interface OrderRequest {
  product: string;
  quantity: number;
  customer: string;
}

/** An order with its price. */
export interface PricedOrder extends OrderRequest {
  discountPercent: number;
  totalCents: number;
}

/** An order as the repository stores it. */
export interface StoredOrder extends PricedOrder {
  id: number;
  /** ISO 8601. */
  createdAt: string;
}

/** The products of a new shop. */
export const FIRST_PRODUCTS: readonly Product[] = [
  { id: 'teapot', name: 'Teapot', priceCents: 2_490, stock: 40 },
  { id: 'cup', name: 'Cup & saucer', priceCents: 890, stock: 200 },
  { id: 'kettle', name: 'Kettle <1.7 l>', priceCents: 4_900, stock: 5 },
  { id: 'voucher', name: 'Voucher', priceCents: 1_000, stock: null },
];
