import type { OrderRequest } from './catalog.ts';
import type { FieldProblem } from './http-error.ts';

const MOST_PIECES = 100;
const PRODUCT_ID = /^[a-z][-a-z0-9]{0,39}$/;
const LONGEST_NAME = 80;
/** Control characters, among them line breaks. */
const CONTROL = /\p{Cc}/u;

/**
 * Checks the fields of an order; the rules of the business are the model's. A quantity may be a text, as forms send it.
 * @returns the order, or every problem
 */
export function validateOrder(input: unknown): OrderRequest | FieldProblem[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return [{ field: '', problem: 'must be an object with the fields product, quantity and customer' }];
  }
  const fields = input as Record<string, unknown>;
  const problems: FieldProblem[] = [];
  const reject = (field: string, expected: string) => {
    const value = fields[field];
    const given = value === undefined || value === '' ? 'is missing' : `is ${JSON.stringify(value).slice(0, 100)}`;
    problems.push({ field, problem: `${given}: it must be ${expected}` });
  };
  for (const field of Object.keys(fields)) {
    if (!['product', 'quantity', 'customer'].includes(field))
      problems.push({ field, problem: 'is unknown: remove it' });
  }
  const product = textOf(fields.product);
  if (!PRODUCT_ID.test(product)) reject('product', 'the id of a product, such as teapot');
  const quantity = quantityOf(fields.quantity);
  if (!(Number.isInteger(quantity) && quantity >= 1 && quantity <= MOST_PIECES)) {
    reject('quantity', `a whole number from 1 to ${MOST_PIECES}`);
  }
  const customer = textOf(fields.customer).trim();
  if (customer === '' || customer.length > LONGEST_NAME || CONTROL.test(customer)) {
    reject('customer', `a name of at most ${LONGEST_NAME} characters`);
  }
  return problems.length > 0 ? problems : { product, quantity, customer };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function quantityOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
}
