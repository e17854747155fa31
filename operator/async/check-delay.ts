/**
 * Checks a delay set by a user of the framework before it reaches a timer: Node fires a timer of NaN, a negative number or
 * Infinity at once, and repeatedly where the timer repeats.
 *
 * @param value milliseconds; any finite number, see setLongTimeout()
 * @param what name of the value, for the error: `ShopController.reconcile: requeueAfterMs`
 * @param leastMs smallest valid value. Default 0
 * @returns the value
 * @throws RangeError that names `what` and the value
 */
export function checkDelay(value: unknown, what: string, leastMs = 0): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= leastMs) return value;
  throw new RangeError(`${what} must be a finite number of milliseconds, at least ${leastMs}, got ${shown(value)}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 50))}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
