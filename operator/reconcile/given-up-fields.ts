import type { KubernetesObject } from '../kubernetes-object.ts';
import type { JsonPatchOperation } from '../transport/api-client-types.ts';
import type { DesiredObject, Ownership } from './desired-object.ts';
import type { Difference } from './differences.ts';
import { locate, type Place, pointerOf } from './field-path.ts';
import { appliedFields, type FieldSet, managedFieldsOf, managersOf, membersOf } from './managed-fields.ts';

/** How many paths are remembered per object. An annotation could hold many more. */
const MAX_PATHS = 200;

/**
 * Maps whose keys are data, so that each key is abandoned by itself. Any other map is abandoned as a whole, because an API's
 * defaults inside it mean nothing without the rest.
 */
const MAPS_OF_DATA: ReadonlySet<string> = new Set([
  'annotations',
  'binaryData',
  'data',
  'hard',
  'labels',
  'limits',
  'matchLabels',
  'parameters',
  'requests',
  'stringData',
]);

/**
 * The fields a manager owns that its new description no longer has and that go with it.
 *
 * @param owned what it owns now
 * @param described the new description
 * @param after the object after the description is applied, or `{}` for all fields that might be abandoned.
 *   A field that is still there belongs to others too or is a default, and is not abandoned.
 * @param except paths that are never abandoned, such as externally managed fields
 * @returns paths in the notation of `differences()`
 */
export function givenUpFields(
  owned: FieldSet,
  described: object,
  after: object,
  except: ReadonlySet<string>,
): string[] {
  const found: string[] = [];
  const look = (set: FieldSet, path: string): void => {
    for (const { path: at, member, below } of membersOf(set, path)) {
      if (except.has(at) || (path === 'metadata' && member !== 'f:labels' && member !== 'f:annotations')) continue;
      // A field that is described, or that stays without being described, may still lose something inside.
      const stays = locate(described, at) !== undefined || locate(after, at) !== undefined;
      if (stays || isMadeOfParts(member, below)) look(below, at);
      else found.push(at);
    }
  };
  look(owned, '');
  return found;
}

/** Whether the members of a place are added and removed individually. */
function isMadeOfParts(member: string, below: FieldSet): boolean {
  const members = Object.keys(below);
  if (members.length === 0) return false;
  return MAPS_OF_DATA.has(member.slice(2)) || members.some((one) => one.startsWith('k:') || one.startsWith('v:'));
}

/** The abandoned paths recorded on an object. Any client may write an annotation: a value that is not a list of strings is ignored. */
export function recordedFields({ metadata }: KubernetesObject, { givenUpAnnotation }: Ownership): string[] {
  const text = metadata?.annotations?.[givenUpAnnotation];
  if (!text) return [];
  try {
    const paths: unknown = JSON.parse(text);
    return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
  } catch {
    return [];
  }
}

/**
 * Merges the recorded paths with newly abandoned ones, without those that are described again.
 * More than 200 paths are reduced: those with a common abandoned parent become one path, and the oldest are dropped.
 *
 * @param after the object after the description is applied
 */
export function mergedFields(
  recorded: readonly string[],
  added: readonly string[],
  described: object,
  after: object,
): string[] {
  const paths = [...new Set([...recorded, ...added])].filter((path) => !locate(described, path));
  if (paths.length <= MAX_PATHS) return paths;
  const together = paths.map((path) => {
    const parent = path.replace(/(\.[^.[\]]+|\[[^\]]*\])$/, '');
    return locate(described, parent) || locate(after, parent) ? path : parent;
  });
  return [...new Set(together)].slice(-MAX_PATHS);
}

/** Abandoned fields that have returned, as differences from a description that does not have them. */
export function returnedFields(desired: DesiredObject, observed: KubernetesObject, ownership: Ownership): Difference[] {
  return recordedFields(observed, ownership).flatMap((path) => {
    const place = locate(desired, path) ? undefined : locate(observed, path);
    return place ? [{ path, wanted: undefined, found: place.value }] : [];
  });
}

/**
 * Fields that another client brought back together with an earlier description of ours. `kubectl rollout undo` of a Deployment does
 * that: it restores the annotations of the earlier revision, including the hash and the record of abandoned fields.
 *
 * @param live the object as the API server has it, with managedFields
 * @param except paths that are never abandoned
 * @returns the undescribed fields outside metadata that belong to the current owner of our hash and to no other manager
 */
export function revertedFields(
  live: KubernetesObject,
  described: object,
  { fieldManager, hashAnnotation }: Ownership,
  except: ReadonlySet<string>,
): string[] {
  const entries = managedFieldsOf(live);
  const ours = appliedFields(live, fieldManager);
  const ownsHash = (set: FieldSet = {}) => set['f:metadata']?.['f:annotations']?.[`f:${hashAnnotation}`] !== undefined;
  // We still own it, or nothing at all (a restored backup): no client has gone back to an earlier description.
  if (Object.keys(ours).length === 0 || ownsHash(ours)) return [];
  return entries
    .filter(({ manager, subresource }) => manager !== fieldManager && !subresource)
    .filter(({ fieldsV1 }) => ownsHash(fieldsV1))
    .flatMap((entry) => {
      const { 'f:metadata': _, ...owned } = entry.fieldsV1 ?? {};
      const others = { metadata: { managedFields: entries.filter((other) => other !== entry) } };
      return givenUpFields(owned, described, {}, except).filter(
        (path) => locate(live, path) && managersOf(others, [path], fieldManager) === undefined,
      );
    });
}

/** The JSON patch that removes fields from exactly the version that was read: the server answers 409 if the object has changed since. */
export function removalPatch(observed: KubernetesObject, paths: readonly string[]): JsonPatchOperation[] {
  const places = paths.flatMap((path) => locate(observed, path) ?? []);
  const inside = (place: Place) =>
    places.some(
      (other) => other.steps.length < place.steps.length && other.steps.every((step, i) => step === place.steps[i]),
    );
  const removals = places
    .filter((place) => !inside(place))
    // The last element of a list first: removing one moves those behind it.
    .sort((a, b) => compareSteps(b.steps, a.steps))
    .map((place): JsonPatchOperation => ({ op: 'remove', path: pointerOf(place) }));
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: observed.metadata?.resourceVersion },
    { op: 'replace', path: '/metadata/uid', value: observed.metadata?.uid },
    ...removals,
  ];
}

function compareSteps(a: Place['steps'], b: Place['steps']): number {
  for (const [i, step] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (step === other) continue;
    if (typeof step === 'number' && typeof other === 'number') return step - other;
    return String(step) < String(other) ? -1 : 1;
  }
  return a.length - b.length;
}
