import type { KubernetesObject } from '../kubernetes-object.ts';

type Fields = Record<string, unknown>;

/** The value of a field. @param path such as `spec.replicas`, through maps only */
export function fieldOf(object: object, path: string): unknown {
  return path.split('.').reduce<unknown>((place, name) => (isFields(place) ? place[name] : undefined), object);
}

/**
 * A copy of an object with other values in these fields; undefined removes a field. What is not on the way to one of them is
 * shared with the object: it may be large.
 */
export function withFields<T extends KubernetesObject>(object: T, values: ReadonlyMap<string, unknown>): T {
  let copy: Fields = object as Fields;
  for (const [path, value] of values) copy = withField(copy, path.split('.'), value);
  return copy as T;
}

function withField(fields: Fields, [name = '', ...rest]: readonly string[], value: unknown): Fields {
  const { [name]: before, ...others } = fields;
  if (rest.length === 0) return value === undefined ? others : { ...fields, [name]: value };
  return isFields(before) ? { ...fields, [name]: withField(before, rest, value) } : fields;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
