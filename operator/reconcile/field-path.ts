import { elementKey, listKeysOf } from './list-keys.ts';

/** Where a path leads in one object. */
export interface Place {
  /** Names of fields and indexes of list elements from the top, as a JSON pointer (RFC 6901) has them. */
  steps: (string | number)[];
  value: unknown;
}

/**
 * Finds a field of an object by a path in the notation of `differences()`, such as
 * `spec.template.spec.containers[name=app].args`, or `finalizers[=name]` for a value of a set.
 *
 * The path is matched against the names the object has, because a name may contain dots itself
 * (`metadata.annotations.example.com/x`).
 *
 * @returns undefined if the object has no such field, or null in it
 */
export function locate(object: object, path: string): Place | undefined {
  return descend(object, `.${path}`, '', []);
}

function descend(node: unknown, rest: string, name: string, steps: (string | number)[]): Place | undefined {
  if (node === undefined || node === null) return undefined;
  if (rest === '') return { steps, value: node };
  if (typeof node !== 'object') return undefined;
  const tokens = Array.isArray(node) ? elementTokens(node, name) : fieldTokens(node);
  for (const { token, step, value } of tokens) {
    if (!rest.startsWith(token)) continue;
    const left = rest.slice(token.length);
    if (left !== '' && left[0] !== '.' && left[0] !== '[') continue;
    const place = descend(value, left, typeof step === 'string' ? step : '', [...steps, step]);
    if (place) return place;
  }
  return undefined;
}

interface Token {
  token: string;
  step: string | number;
  value: unknown;
}

function fieldTokens(node: object): Token[] {
  return Object.entries(node).map(([key, value]) => ({ token: `.${key}`, step: key, value }));
}

function elementTokens(list: readonly unknown[], name: string): Token[] {
  const keys = listKeysOf(name, list[0]);
  return list.flatMap((value, step): Token[] => {
    if (typeof value !== 'object' || value === null) return [{ token: `[=${value}]`, step, value }];
    if (keys) return [{ token: `[${keys[0]}=${elementKey(value, keys)}]`, step, value }];
    // An unknown kind: any of its fields may be the key.
    return Object.entries(value).map(([key, text]) => ({ token: `[${key}=${text}]`, step, value }));
  });
}

/** The JSON pointer (RFC 6901) of a place. */
export function pointerOf({ steps }: Place): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
