import { compareQuantities, isQuantity } from '../schema/quantity.ts';
import { ATOMIC_MAPS, elementKey, listKeysOf, SET_LISTS } from './list-keys.ts';

/**
 * Finds where an observed object differs from the desired one. Only fields in `desired` count: others belong to other
 * clients or are defaults of the API server.
 *
 * @param desired an apply configuration: only the fields that this operator owns
 * @param observed the object as last read
 * @returns the differing fields as paths such as `spec.template.spec.containers[name=app].image`; none means that
 *   applying `desired` would change nothing
 */
export function differences(desired: object, observed: object): string[] {
  return findDifferences(desired, observed).map(({ path }) => path);
}

/** A field that differs, with both values; undefined for a missing one. */
export interface Difference {
  path: string;
  wanted: unknown;
  found: unknown;
}

/** As {@link differences}, with the values on both sides. */
export function findDifferences(desired: object, observed: object): Difference[] {
  const found: Difference[] = [];
  compareMaps(desired as Fields, observed as Fields, '', false, found);
  return found;
}

type Fields = Record<string, unknown>;

function compare(desired: unknown, observed: unknown, path: string, name: string, found: Difference[]): void {
  if (desired === undefined || desired === observed) return;
  if (desired === null) {
    if (observed !== undefined && observed !== null) found.push({ path, wanted: desired, found: observed });
  } else if (Array.isArray(desired)) {
    if (!Array.isArray(observed)) {
      // The API server leaves an empty list out.
      if (desired.length > 0 || observed !== undefined) found.push({ path, wanted: desired, found: observed });
    } else compareLists(desired, observed, path, name, found);
  } else if (typeof desired === 'object') {
    if (isFields(observed)) compareMaps(desired as Fields, observed, path, ATOMIC_MAPS.has(name), found);
    else if (observed !== undefined || !holdsNothing(desired)) found.push({ path, wanted: desired, found: observed });
  } else if (!sameQuantity(desired, observed) || !isQuantityPath(path)) {
    found.push({ path, wanted: desired, found: observed });
  }
}

function compareMaps(desired: Fields, observed: Fields, path: string, exact: boolean, found: Difference[]): void {
  for (const key of Object.keys(desired)) {
    // Own properties only: `__proto__` and `constructor` are legal keys of a ConfigMap.
    const value = Object.hasOwn(observed, key) ? observed[key] : undefined;
    compare(desired[key], value, path ? `${path}.${key}` : key, key, found);
  }
  if (exact && Object.keys(observed).some((key) => !Object.hasOwn(desired, key)))
    found.push({ path, wanted: desired, found: observed });
}

function compareLists(desired: unknown[], observed: unknown[], path: string, name: string, found: Difference[]): void {
  if (SET_LISTS.has(name)) {
    if (desired.some((value) => !observed.includes(value))) found.push({ path, wanted: desired, found: observed });
    return;
  }
  const keys = listKeysOf(name, desired[0]);
  if (keys) {
    const byKey = new Map(observed.map((element) => [elementKey(element, keys), element]));
    for (const element of desired) {
      const key = elementKey(element, keys);
      compare(element, byKey.get(key), `${path}[${keys[0]}=${key}]`, '', found);
    }
    return;
  }
  if (desired.length !== observed.length) {
    found.push({ path, wanted: desired, found: observed });
    return;
  }
  desired.forEach((element, index) => {
    compare(element, observed[index], `${path}[${index}]`, '', found);
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `{}`, or a map of such: server-side apply may store it or leave it out, so absence is no difference. */
function holdsNothing(value: unknown): boolean {
  return isFields(value) && Object.values(value).every((inner) => inner === undefined || holdsNothing(inner));
}

/** The API server rewrites `1000m` to `1`. */
function sameQuantity(a: unknown, b: unknown): boolean {
  return isQuantity(a) && isQuantity(b) && compareQuantities(a, b) === 0;
}

/** Elsewhere `1000m` and `1` are different texts. */
function isQuantityPath(path: string): boolean {
  return /\.(limits|requests|capacity|hard|allocatable|min|max|default|defaultRequest|averageValue|value|storage|sizeLimit|divisor)(\.|$)/.test(
    path,
  );
}
