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

/** What would happen to one object. */
export interface Change {
  /** `taken`: the name belongs to an object of somebody else, which the operator would leave alone. */
  action: 'create' | 'update' | 'delete' | 'taken' | 'not served';
  kind: string;
  name: string;
  /** Of an update: fields that would be set, as paths. */
  fields: string[];
  /** Of an update: fields that would no longer be set by the operator. */
  givenUp: string[];
}

/** All there is to know of one kind of generated objects. */
export interface KindState {
  kind: BoundDependent['kind'];
  /** What the operator would describe. */
  desired: readonly Desired[];
  /** What it describes for the RestAPI as it is. */
  before: readonly Desired[];
  /** What is there under those names, and whatever else bears the RestAPI's label; `not served`: the cluster has no such kind. */
  observed: readonly StoredObject[] | 'not served';
}

const OWNERSHIP = ownershipOf(RestAPI, OPERATOR_NAME);
const HASH_PATH = `metadata.annotations.${OWNERSHIP.hashAnnotation}`;

/** What the operator would do to the objects of one kind. Pure. @param uid of the RestAPI */
export function changesOf({ kind, desired, before, observed }: KindState, uid: string): Change[] {
  const change = (action: Change['action'], { metadata }: KubernetesObject, rest: Partial<Change> = {}): Change => ({
    action,
    kind,
    name: metadata?.name ?? '',
    fields: [],
    givenUp: [],
    ...rest,
  });
  if (observed === 'not served') return desired.map((object) => change('not served', object));
  const changes = plan(desired, observed, uid, OWNERSHIP).flatMap((step): Change[] => {
    switch (step.action) {
      case 'create':
        return [change('create', step.desired)];
      case 'conflict':
        return [change('taken', step.desired)];
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

/** The hash tells that something is no longer described; comparing the descriptions tells what. */
function fieldsOf(differing: readonly string[], desired: Desired, old: Desired | undefined) {
  const fields = differing.filter((path) => path !== HASH_PATH);
  const gone = old ? differences(old, desired).filter((path) => path !== HASH_PATH && !fields.includes(path)) : [];
  return { fields, givenUp: gone };
}

const SIGNS = { create: '+', update: '~', delete: '-', taken: '!', 'not served': '!' } as const;

/** The lines that show changes of one RestAPI. */
export function changeLines(api: StoredObject<RestAPI>, changes: readonly Change[]): string[] {
  const { namespace, name } = api.metadata;
  if (changes.length === 0) return [`RestAPI ${namespace}/${name}: no differences`];
  const count = changes.length === 1 ? '1 object differs' : `${changes.length} objects differ`;
  return [`RestAPI ${namespace}/${name}: ${count}`, ...changes.flatMap(linesOf)];
}

function linesOf({ action, kind, name, fields, givenUp }: Change): string[] {
  const why = {
    create: '',
    update: fields.length + givenUp.length > 0 ? '' : ' (some fields would be given up)',
    delete: '',
    taken: ' (the name is taken by an object of somebody else, which is left alone)',
    'not served': ' (the cluster does not serve this kind)',
  }[action];
  return [
    `${SIGNS[action]} ${kind} ${name}${why}`,
    ...fields.map((path) => `    ${path}`),
    ...givenUp.map((path) => `    ${path} (no longer set)`),
  ];
}
