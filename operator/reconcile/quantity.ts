const FACTORS: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/;

/**
 * The value of a Kubernetes quantity such as `500m`, `1.5Gi` or `2e3` as a number, undefined if it is none.
 * Source of the grammar: k8s.io/apimachinery, pkg/api/resource.
 */
export function parseQuantity(text: string | number): number | undefined {
  const match = QUANTITY.exec(String(text));
  if (!match) return undefined;
  const [, digits, suffix = '', exponent = '0'] = match;
  return Number(digits) * (FACTORS[suffix] ?? Number.NaN) * 10 ** Number(exponent);
}

/** True if both are quantities of the same value: the API server rewrites `1000m` to `1`. */
export function sameQuantity(a: unknown, b: unknown): boolean {
  if (!isText(a) || !isText(b)) return false;
  const left = parseQuantity(a);
  const right = parseQuantity(b);
  if (left === undefined || right === undefined) return false;
  return Math.abs(left - right) <= 1e-9 * Math.max(Math.abs(left), Math.abs(right));
}

function isText(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
