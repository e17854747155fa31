import {
  type BoundDependent,
  differences,
  type KubernetesObject,
  ownerOf,
  ownershipOf,
  plan,
  retainedFor,
  type StoredObject,
} from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import { OPERATOR_NAME } from '../create-operator.ts';

type Desired = Parameters<typeof plan>[0][number];

/** What the operator would do to one object. */
export interface Change {
  /** `conflict`: an object that is not owned by the RestAPI has the name; the operator leaves it unchanged. */
  action: 'create' | 'update' | 'delete' | 'conflict' | 'not served';
  kind: string;
  name: string;
  /** Of an update: paths of the fields to set. */
  fields: string[];
  /** Of an update: paths of the fields that the operator would no longer set. */
  removed: string[];
}

/** The desired and the observed objects of one generated kind. */
export interface KindState {
  kind: BoundDependent['kind'];
  /** The objects that the operator would apply. */
  desired: readonly Desired[];
  /** The objects that it applies for the stored RestAPI. */
  before: readonly Desired[];
  /** The objects with these names or with the label of the RestAPI; `not served`: the cluster has no such kind. */
  observed: readonly StoredObject[] | 'not served';
}

const OWNERSHIP = ownershipOf(RestAPI, OPERATOR_NAME);
const HASH_PATH = `metadata.annotations.${OWNERSHIP.hashAnnotation}`;

/** Computes what the operator would do to the objects of one kind. Pure. @param uid of the RestAPI */
export function changesOf({ kind, desired, before, observed }: KindState, uid: string): Change[] {
  const change = (action: Change['action'], { metadata }: KubernetesObject, rest: Partial<Change> = {}): Change => ({
    action,
    kind,
    name: metadata?.name ?? '',
    fields: [],
    removed: [],
    ...rest,
  });
  if (observed === 'not served') return desired.map((object) => change('not served', object));
  const changes = plan(desired, observed, uid, OWNERSHIP).flatMap((step): Change[] => {
    switch (step.action) {
      case 'create':
        return [change('create', step.desired)];
      case 'conflict':
        return [change('conflict', step.desired)];
      case 'update': {
        const old = before.find(({ metadata }) => metadata.name === step.desired.metadata.name);
        return [change('update', step.desired, fieldsOf(step.fields, step.desired, old))];
      }
      default:
        return [];
    }
  });
  const wanted = new Set(desired.map(({ metadata }) => metadata.name));
  const unwanted = observed.filter(
    (object) => !wanted.has(object.metadata.name) && ownerOf(object)?.uid === uid && !retainedFor(object),
  );
  return [...changes, ...unwanted.map((object) => change('delete', object))];
}

/** The hash shows only that fields were removed; comparing the desired objects shows which. */
function fieldsOf(differing: readonly string[], desired: Desired, old: Desired | undefined) {
  const fields = differing.filter((path) => path !== HASH_PATH);
  const removed = old ? differences(old, desired).filter((path) => path !== HASH_PATH && !fields.includes(path)) : [];
  return { fields, removed };
}

const SIGNS = { create: '+', update: '~', delete: '-', conflict: '!', 'not served': '!' } as const;

/** The lines that show changes of one RestAPI. */
export function changeLines(api: StoredObject<RestAPI>, changes: readonly Change[]): string[] {
  const { namespace, name } = api.metadata;
  if (changes.length === 0) return [`RestAPI ${namespace}/${name}: no differences`];
  const count = changes.length === 1 ? '1 object differs' : `${changes.length} objects differ`;
  return [`RestAPI ${namespace}/${name}: ${count}`, ...changes.flatMap(linesOf)];
}

function linesOf({ action, kind, name, fields, removed }: Change): string[] {
  const why = {
    create: '',
    update: fields.length + removed.length > 0 ? '' : ' (some fields would no longer be set)',
    delete: '',
    conflict: ' (an object with this name exists and is not owned by the RestAPI; it stays unchanged)',
    'not served': ' (the cluster does not serve this kind)',
  }[action];
  return [
    `${SIGNS[action]} ${kind} ${name}${why}`,
    ...fields.map((path) => `    ${path}`),
    ...removed.map((path) => `    ${path} (no longer set)`),
  ];
}
