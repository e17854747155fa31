import { fieldsOf } from './class-fields.ts';
import type { AnyClass } from './class-notes.ts';
import { isFields } from './verdict.ts';

const declares = new WeakMap<AnyClass, boolean>();

/**
 * Fills in the defaults of `@Default`, at every depth, as the API server stores only some of them. What is given replaces the
 * default as a whole; null counts as left out. Pure.
 *
 * @returns the object itself if nothing is missing, otherwise a copy. Values of a wrong type are kept.
 */
export function withDefaults<T>(target: AnyClass, object: T): T {
  if (!isFields(object) || !hasDefaults(target)) return object;
  const changes: Record<string, unknown> = {};
  for (const { name, notes, nested } of fieldsOf(target)) {
    const given = Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
    const value = given === undefined && notes.default ? structuredClone(notes.default.value) : given;
    if (value === undefined) continue;
    const filled = nested ? filledIn(nested, value) : value;
    if (filled !== given) changes[name] = filled;
  }
  return Object.keys(changes).length > 0 ? { ...object, ...changes } : object;
}

function filledIn(nested: AnyClass, value: unknown): unknown {
  if (!Array.isArray(value)) return withDefaults(nested, value);
  const elements = value.map((element) => withDefaults(nested, element));
  return elements.some((element, index) => element !== value[index]) ? elements : value;
}

/** Whether a class or one within it has a default; a status has none and is not searched. */
function hasDefaults(target: AnyClass): boolean {
  let found = declares.get(target);
  if (found === undefined) {
    // Classes may be nested in themselves.
    declares.set(target, false);
    found = fieldsOf(target).some(
      ({ notes, nested }) => notes.default !== undefined || (nested && hasDefaults(nested)),
    );
    declares.set(target, found);
  }
  return found;
}
