import { isDeepStrictEqual } from 'node:util';
import { fieldsOf } from './class-fields.ts';
import type { AnyClass } from './class-notes.ts';
import { isFields } from './verdict.ts';
import { withDefaults } from './with-defaults.ts';

/**
 * Removes what `withDefaults` would fill in with the same content, at every depth. Objects that differ in defaults only give
 * the same result, also after a new version of the class has added a field with a default. Pure: the given object stays
 * unchanged.
 */
export function withoutDefaults<T>(target: AnyClass, object: T): T {
  if (!isFields(object)) return object;
  const short: Record<string, unknown> = { ...object };
  for (const { name, notes, nested } of fieldsOf(target)) {
    if (!Object.hasOwn(object, name)) continue;
    const value = nested ? shortened(nested, object[name]) : object[name];
    if (notes.default && isDeepStrictEqual(value, shortDefault(notes.default.value, nested))) delete short[name];
    else short[name] = value;
  }
  return short as T;
}

function shortened(nested: AnyClass, value: unknown): unknown {
  return Array.isArray(value)
    ? value.map((element) => withoutDefaults(nested, element))
    : withoutDefaults(nested, value);
}

function shortDefault(value: unknown, nested: AnyClass | undefined): unknown {
  return nested ? withoutDefaults(nested, withDefaults(nested, value)) : value;
}
