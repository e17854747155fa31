import type { KubernetesObject } from '../kubernetes-object.ts';

type Fields = Record<string, unknown>;

/** The value of a field. @param path such as `spec.replicas`, through maps only */
export function fieldOf(object: object, path: string): unknown {
  return path.split('.').reduce<unknown>((place, name) => (isFields(place) ? place[name] : undefined), object);
}

/** A copy of an object with other values in these fields; undefined removes a field. */
export function withFields<T extends KubernetesObject>(object: T, values: ReadonlyMap<string, unknown>): T {
  const copy = structuredClone(object);
  for (const [path, value] of values) {
    const names = path.split('.');
    const last = names.pop() as string;
    const place = names.reduce<unknown>((at, name) => (isFields(at) ? at[name] : undefined), copy);
    if (!isFields(place)) continue;
    if (value === undefined) delete place[last];
    else place[last] = value;
  }
  return copy;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
