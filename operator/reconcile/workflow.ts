import type { Class } from '../decorators/dependent-resource.ts';
import { type KindCache, unservedNamespace } from '../informer/kind-cache.ts';
import { controllerOf, isOrphaning, keyOf, type StoredObject } from '../kubernetes-object.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import { type SpanAttributes, type Tracer, traced } from '../tracing/tracer.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { type TakenStep, takeStep } from './apply-step.ts';
import type { Contention } from './contention.ts';
import { type DesiredObject, MANAGED_BY, type Ownership } from './desired-object.ts';
import type { Staleness } from './epoch.ts';
import { type BoundDependent, type Description, describe } from './generated.ts';
import { plan, type Step } from './plan.ts';
import type { StepContext } from './step-context.ts';
import { type DependentOutcome, WorkflowResult } from './workflow-result.ts';
import type { Fight } from './write-brake.ts';

/** A dependent with the cache of the type it generates. */
export interface ActiveDependent extends BoundDependent {
  cache: KindCache;
}

const NOTHING: Description = { desired: [], externallyManaged: [] };

/** The dependencies of a workflow run, besides the dependents. */
export interface WorkflowContext {
  client: ApiClient;
  /** Left out: nothing is traced. */
  tracer?: Tracer;
  ownership: Ownership;
  signal: AbortSignal;
  /** The type of the primaries. Default: owner references are restored without checking that the primary exists. */
  primaryType?: ResourceType;
  /** The leadership term, asked at every write. Left out, or undefined: there is no election. */
  term?: () => number | undefined;
  /** Default: changes of other clients are not tracked and are reverted immediately. */
  contention?: Contention;
  /** Called when contention over an object begins, and when it ends. */
  onContention?: (dependent: ActiveDependent, name: string, state: 'began' | 'ended', fight: Fight) => void;
  /** Called after every step that changed something. */
  onWritten: (dependent: ActiveDependent, taken: TakenStep) => void;
}

/**
 * Applies the desired objects of one primary: level by level in the order of `dependsOn`, concurrently within a level; unwanted
 * objects are deleted last. A failure of one object does not stop the others of its level; objects that wait for an object that failed
 * or is not ready are not changed.
 *
 * @param levels the dependents in the order of `levels()`
 * @throws whatever a dependent's method throws, Error for an object in a namespace that is not served; then nothing was written
 */
export async function runWorkflow(
  levels: readonly ActiveDependent[][],
  primary: StoredObject,
  decision: unknown,
  context: WorkflowContext,
): Promise<WorkflowResult> {
  // Everything is described before anything is written: a dependent that throws leaves nothing half-applied.
  const descriptions = describe(levels.flat(), primary, decision, context.ownership);
  rejectUnserved(descriptions);
  const unwanted = isOrphaning(primary) ? [] : findUnwanted(descriptions, primary);
  const outcomes: DependentOutcome[] = [];
  const unready: Unready = new Map();
  for (const level of levels) {
    const done = await Promise.all(
      level.map(async (dependent) => {
        const { desired, externallyManaged } = descriptions.get(dependent) ?? NOTHING;
        if (!dependent.cache.isServed(primary.metadata.namespace)) {
          return dependent.ifKindMissing === 'ignore' ? [] : desired.map((object) => unavailable(dependent, object));
        }
        const observed = desired.flatMap(
          ({ metadata }) => dependent.cache.get(metadata.namespace, metadata.name) ?? [],
        );
        const epoch = { generation: primary.metadata.generation, term: context.term?.() };
        const steps = plan(desired, observed, primary.metadata.uid, context.ownership, externallyManaged, epoch);
        const waiting = new Map(steps.map((step) => [step, blocker(dependent, step, unready)]));
        const work = () =>
          Promise.all(
            steps.map((step) => {
              const blocked = waiting.get(step);
              return blocked
                ? skipped(dependent, step, blocked)
                : settle(dependent, step, primary, context, externallyManaged);
            }),
          );
        return steps.some((step) => !waiting.get(step)) ? tracedDependent(dependent, context, work) : work();
      }),
    );
    for (const outcome of done.flat()) {
      outcomes.push(outcome);
      if (outcome.ready !== true) add(outcome.dependent, outcome.name);
    }
    for (const { dependentClass, dependsOn = [], instance } of level) {
      if (!instance.waitsFor && dependsOn.some((needed) => unready.has(needed))) add(dependentClass);
    }
  }
  outcomes.push(
    ...(await Promise.all(
      unwanted.map(async ({ dependent, step }) => {
        const work = async () => [await settle(dependent, step, primary, context)];
        return (await tracedDependent(dependent, context, work))[0] as DependentOutcome;
      }),
    )),
  );
  return new WorkflowResult(outcomes);

  function add(dependent: Class, ...names: string[]): void {
    unready.set(dependent, [...(unready.get(dependent) ?? []), ...names]);
  }
}

/** The dependents that others wait for, with the names of their objects that are not ready. */
type Unready = Map<Class, readonly string[]>;

/** The dependent that an object waits for; undefined: its step may be taken. */
function blocker({ dependsOn = [], instance }: ActiveDependent, step: Step, unready: Unready): Class | undefined {
  return dependsOn.find((dependent) => {
    const names = unready.get(dependent);
    if (!names || !instance.waitsFor || !('desired' in step)) return names !== undefined;
    return names.some((name) => instance.waitsFor?.(step.desired, { dependent, name }));
  });
}

/** A cluster-scoped primary may name any namespace; the operator watches and may write only in those that it serves. */
function rejectUnserved(descriptions: Map<ActiveDependent, Description>): void {
  for (const [{ cache, kind }, { desired }] of descriptions) {
    const unserved = desired.find(({ metadata }) => cache.of(metadata.namespace) === undefined);
    if (unserved) throw unservedNamespace(`${kind} ${keyOf(unserved)}`, unserved.metadata.namespace);
  }
}

/** Objects of the generated kinds that the primary controls and no dependent describes. */
function findUnwanted(descriptions: Map<ActiveDependent, Description>, primary: StoredObject) {
  // Several dependents may generate one kind: an object is wanted if any of them describes it.
  const wanted = new Map<KindCache, Set<string>>();
  for (const [{ cache }, { desired }] of descriptions) {
    const names = wanted.get(cache) ?? new Set();
    for (const object of desired) names.add(keyOf(object));
    wanted.set(cache, names);
  }
  const first = new Map([...descriptions.keys()].reverse().map((dependent) => [dependent.cache, dependent]));
  return [...first].flatMap(([cache, dependent]) =>
    controlledBy(primary, cache)
      .filter((object) => !wanted.get(cache)?.has(keyOf(object)) && !object.metadata.deletionTimestamp)
      .map((observed) => ({ dependent, step: { action: 'delete', observed } as const })),
  );
}

/** The objects that may be deleted for a primary: it does not control objects that are retained for it. */
export function controlledBy(primary: StoredObject, cache: KindCache): StoredObject[] {
  const { uid } = primary.metadata;
  return cache.ownedBy(uid).filter((object) => controllerOf(object)?.uid === uid);
}

export function stepContext(
  dependent: ActiveDependent,
  primary: StoredObject,
  context: WorkflowContext,
  externallyManaged: readonly string[] = [],
): StepContext {
  const { client, ownership, signal, contention, term, primaryType } = context;
  return {
    client,
    type: dependent.type,
    ownerUid: primary.metadata.uid,
    ownership,
    externallyManaged,
    signal,
    generation: primary.metadata.generation,
    term: term?.(),
    contention,
    ownerIsGoing: primaryType && (() => isGoing(primary, primaryType, context)),
  };
}

/** Whether a primary is deleted or being deleted according to the API server. */
async function isGoing(
  { metadata: { namespace, name, uid } }: StoredObject,
  type: ResourceType,
  { client, signal }: WorkflowContext,
): Promise<boolean> {
  // A list, because a watch needs that right anyway.
  const options = { namespace, fieldSelector: `metadata.name=${name}`, signal };
  const { items } = await client.listAll<StoredObject, StoredObject>(type, options, (object) => object);
  return !items.some(({ metadata }) => metadata.uid === uid && !metadata.deletionTimestamp);
}

/** Runs the steps of one dependent in a span that records the actions and the failure. */
function tracedDependent(
  dependent: ActiveDependent,
  { tracer }: WorkflowContext,
  work: () => Promise<DependentOutcome[]>,
): Promise<DependentOutcome[]> {
  return traced(
    tracer,
    `dependent ${dependent.dependentClass.name}`,
    () => namesOf(dependent),
    async (span) => {
      const outcomes = await work();
      if (!span) return outcomes;
      span.set({
        'dependent.objects': outcomes.map(({ action, name }) => `${action} ${name}`),
        'dependent.ready': outcomes.every(({ ready }) => ready === true),
      });
      const failed = outcomes.find(({ action }) => action === 'failed');
      if (failed) span.fail(`${failed.kind} ${failed.name}: ${failed.ready}`);
      return outcomes;
    },
  );
}

export function namesOf({ dependentClass, kind, apiVersion }: ActiveDependent): SpanAttributes {
  return { 'dependent.class': dependentClass.name, 'dependent.kind': kind, 'dependent.api_version': apiVersion };
}

async function settle(
  dependent: ActiveDependent,
  step: Step,
  primary: StoredObject,
  context: WorkflowContext,
  externallyManaged: readonly string[] = [],
): Promise<DependentOutcome> {
  const base = { dependent: dependent.dependentClass, kind: dependent.kind, name: nameOf(step) };
  try {
    const taken = await takeStep(step, stepContext(dependent, primary, context, externallyManaged));
    if (taken.written) context.onWritten(dependent, taken);
    const { step: done, object, contention, fight, retryAfterMs } = taken;
    if (contention) context.onContention?.(dependent, base.name, contention.state, contention.fight);
    return {
      ...base,
      action: done.action,
      object,
      ready: readiness(dependent, taken, primary),
      ...(fight && { contended: fight }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...base, action: 'failed', ready: message, error };
  }
}

function skipped(dependent: ActiveDependent, step: Step, blocked: Class): DependentOutcome {
  return {
    dependent: dependent.dependentClass,
    kind: dependent.kind,
    name: nameOf(step),
    action: 'skipped',
    object: 'observed' in step ? step.observed : undefined,
    ready: `waits for ${blocked.name}`,
  };
}

function unavailable(dependent: ActiveDependent, { metadata }: DesiredObject): DependentOutcome {
  const { dependentClass, apiVersion, kind, type } = dependent;
  return {
    dependent: dependentClass,
    kind,
    name: metadata.name,
    action: 'unavailable',
    ready:
      `this cluster does not serve ${kind} of ${apiVersion}: install the CRD ${type.plural}.${type.group}, ` +
      'or disable what needs it',
  };
}

function readiness(dependent: ActiveDependent, { step, object }: TakenStep, primary: StoredObject): true | string {
  if (step.action === 'delete') return true;
  if (step.action === 'wait') return 'an older object of the same name is still being deleted';
  if (step.action === 'conflict') {
    return step.by
      ? `its name is taken by an object that is managed by operator ${step.by} (label ${MANAGED_BY})`
      : 'its name is taken by an object that this operator does not own';
  }
  if (step.action === 'stale') return describeError(step.staleness);
  if (!object) return 'not stored yet';
  return dependent.instance.ready?.(object, primary) ?? true;
}

function describeError(staleness: Staleness | undefined): string {
  if (!staleness) return 'its owner is being deleted';
  const { by, observed, ours } = staleness;
  return by === 'generation'
    ? `written for generation ${observed} of its owner; this operator's cache shows generation ${ours}`
    : `written by the leader of term ${observed}; this operator led in term ${ours}`;
}

function nameOf(step: Step): string {
  return ('desired' in step && step.desired ? step.desired : (step as { observed: StoredObject }).observed).metadata
    .name;
}
