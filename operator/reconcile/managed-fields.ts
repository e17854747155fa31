import type { KubernetesObject } from '../kubernetes-object.ts';

/**
 * A set of fields in the notation of the API server: `f:` a field, `k:` an element of a list by its keys, `v:` a value of a
 * set, `.` the place itself. Source: sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go.
 */
export interface FieldSet {
  [member: string]: FieldSet;
}

/** One entry of metadata.managedFields: which fields one manager owns. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: 'Apply' | 'Update';
  subresource?: string;
  /** RFC 3339. */
  time?: string;
  fieldsV1?: FieldSet;
}

/** @returns no entry for an object from a cache: caches leave managedFields out */
export function managedFieldsOf({ metadata }: KubernetesObject): readonly ManagedFieldsEntry[] {
  return (metadata?.managedFields as ManagedFieldsEntry[] | undefined) ?? [];
}

/** The fields that a manager has applied to an object itself, not to a subresource. */
export function appliedFields(object: KubernetesObject, manager: string): FieldSet {
  const own = managedFieldsOf(object).find(
    (entry) => entry.manager === manager && entry.operation === 'Apply' && !entry.subresource,
  );
  return own?.fieldsV1 ?? {};
}

/** The members of a set below its own place. @returns the path of each in the notation of `differences()` */
export function membersOf(set: FieldSet, path: string): { path: string; member: string; below: FieldSet }[] {
  return Object.entries(set).flatMap(([member, below]) => {
    const text = member.slice(2);
    if (member.startsWith('f:')) return [{ path: path ? `${path}.${text}` : text, member, below }];
    if (member.startsWith('k:')) {
      const keys = Object.entries(JSON.parse(text) as Record<string, unknown>);
      return [{ path: `${path}[${keys[0]?.[0]}=${keys.map(([, value]) => value).join('/')}]`, member, below }];
    }
    if (member.startsWith('v:')) return [{ path: `${path}[=${JSON.parse(text)}]`, member, below }];
    return [];
  });
}

/** Every field a manager owns, as paths; of a list element also the element itself. */
function* ownedPaths(set: FieldSet, path = ''): Generator<string> {
  for (const { path: at, below } of membersOf(set, path)) {
    const inner = Object.keys(below);
    if (inner.length === 0 || inner.includes('.')) yield at;
    yield* ownedPaths(below, at);
  }
}

/**
 * Names the managers that last set fields of an object, except one.
 *
 * @param object as the API server has it, with managedFields
 * @param paths in the notation of `differences()`
 * @param but whose entries do not count
 * @returns such as `kubectl-edit (Update)`, several joined by commas; undefined if no manager owns any of the fields,
 *   as after one was removed
 */
export function managersOf(object: KubernetesObject, paths: readonly string[], but: string): string | undefined {
  const names = managedFieldsOf(object)
    .filter(({ manager }) => manager !== but)
    .filter(({ fieldsV1 = {} }) => [...ownedPaths(fieldsV1)].some((owned) => paths.some((path) => covers(path, owned))))
    .map(({ manager = 'a manager without a name', operation = 'Update' }) => `${manager} (${operation})`);
  return names.length > 0 ? [...new Set(names)].join(', ') : undefined;
}

/** Whether one path is the other, or leads to a place inside it. */
function covers(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long.startsWith(short) && (long.length === short.length || '.['.includes(long[short.length] ?? ''));
}
