import type { Class, Dependent } from '../decorators/dependent-resource.ts';
import type { Informer } from '../informer/informer.ts';
import { controllerOf, type KubernetesObject, type StoredObject } from '../kubernetes-object.ts';
import { type SpanAttributes, type Tracer, traced } from '../tracing/tracer.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { type StepContext, type TakenStep, takeStep } from './apply-step.ts';
import type { DesiredObject, Ownership } from './desired-object.ts';
import { type DescribingDependent, type Description, describe } from './generated.ts';
import { plan, type Step } from './plan.ts';

/** A dependent class at work, with the cache of the type it generates. */
export interface ActiveDependent extends DescribingDependent {
  informer: Informer<StoredObject>;
}

const NOTHING: Description = { desired: [], carries: [] };

/** What a run of the workflow needs besides the dependents. */
export interface WorkflowContext {
  client: ApiClient;
  /** Left out: nothing is traced. */
  tracer?: Tracer;
  ownership: Ownership;
  signal: AbortSignal;
  /** Told of every step that changed something, at once. */
  onWritten: (dependent: ActiveDependent, taken: TakenStep) => void;
}

/** A generated object, how it stands, and what was done to it. */
export interface DependentOutcome {
  dependent: Class;
  kind: string;
  name: string;
  /**
   * `skipped`: what it depends on is not ready. `unavailable`: this cluster does not serve its kind, see
   * `DependentResourceOptions.optional`. `failed`: see `error`.
   */
  action: Step['action'] | 'skipped' | 'unavailable' | 'failed';
  object?: StoredObject;
  /** True, or in words why not. Deleted objects are ready when they are gone. */
  ready: true | string;
  error?: unknown;
}

/** What a run of the workflow did and found. */
export class WorkflowResult {
  readonly outcomes: readonly DependentOutcome[];

  constructor(outcomes: readonly DependentOutcome[]) {
    this.outcomes = outcomes;
  }

  /** The stored objects of one dependent class, as they are after this run. */
  observed<C extends KubernetesObject>(dependent: Class<Dependent<never, C, never>>): StoredObject<C>[] {
    return this.outcomes.flatMap(({ dependent: of, object, action }) =>
      of === dependent && object && action !== 'conflict' ? [object as StoredObject<C>] : [],
    );
  }

  /** Objects whose name is taken by somebody else's. */
  get conflicts(): DependentOutcome[] {
    return this.outcomes.filter(({ action }) => action === 'conflict');
  }

  /** Objects the server refused, or could not be asked about. */
  get failures(): DependentOutcome[] {
    return this.outcomes.filter(({ action }) => action === 'failed');
  }

  /** Objects of kinds that this cluster does not serve. */
  get unavailable(): DependentOutcome[] {
    return this.outcomes.filter(({ action }) => action === 'unavailable');
  }

  /** Everything that is not ready yet, whatever the reason. */
  get notReady(): DependentOutcome[] {
    return this.outcomes.filter(({ ready }) => ready !== true);
  }
}

/**
 * Brings everything generated for one primary to what its dependents describe: level by level in the order of
 * `dependsOn`, within a level side by side; what is no longer wanted is deleted last. A failure of one object does
 * not stop the others of its level; what depends on an object that failed or is not ready yet is left as it is.
 *
 * @param levels the dependents in the order of `levels()`
 * @throws whatever a dependent's own method throws; then nothing was written
 */
export async function runWorkflow(
  levels: readonly ActiveDependent[][],
  primary: StoredObject,
  decision: unknown,
  context: WorkflowContext,
): Promise<WorkflowResult> {
  // Everything is described before anything is written: a dependent that throws leaves nothing half-applied.
  const descriptions = describe(levels.flat(), primary, decision, context.ownership);
  const unwanted = findUnwanted(descriptions, primary);
  const outcomes: DependentOutcome[] = [];
  const unready = new Set<Class>();
  for (const level of levels) {
    const done = await Promise.all(
      level.map(async (dependent) => {
        const { desired, carries } = descriptions.get(dependent) ?? NOTHING;
        if (!dependent.informer.served) {
          return dependent.optional === 'unmissed' ? [] : desired.map((object) => unavailable(dependent, object));
        }
        const observed = desired.flatMap(
          ({ metadata }) => dependent.informer.get(metadata.namespace, metadata.name) ?? [],
        );
        const steps = plan(desired, observed, primary.metadata.uid, context.ownership, carries);
        const blocked = dependent.dependsOn?.find((needed) => unready.has(needed));
        if (blocked) return steps.map((step) => skipped(dependent, step, blocked));
        const work = () => Promise.all(steps.map((step) => settle(dependent, step, primary, context, carries)));
        return steps.length > 0 ? tracedDependent(dependent, context, work) : [];
      }),
    );
    for (const outcome of done.flat()) {
      outcomes.push(outcome);
      if (outcome.ready !== true) unready.add(outcome.dependent);
    }
    for (const { dependentClass, dependsOn = [] } of level) {
      if (dependsOn.some((needed) => unready.has(needed))) unready.add(dependentClass);
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
}

/** Deletes everything generated for one primary, last level first. @returns how many objects are still there */
export async function runCleanup(
  levels: readonly ActiveDependent[][],
  primary: StoredObject,
  context: WorkflowContext,
): Promise<number> {
  const found = [...new Map(levels.flat().map((dependent) => [dependent.informer, dependent])).values()].flatMap(
    (dependent) => controlledBy(primary, dependent.informer).map((object) => ({ dependent, object })),
  );
  const order = levels.map((level) => new Set(level.map(({ dependentClass }) => dependentClass.name)));
  const levelOf = (object: StoredObject) => {
    const author = object.metadata.annotations?.[context.ownership.dependentAnnotation] ?? '';
    const level = order.findIndex((names) => names.has(author));
    // From a class that is no more: nothing can be said to depend on it.
    return level < 0 ? order.length : level;
  };
  const last = Math.max(...found.map(({ object }) => levelOf(object)));
  await Promise.all(
    found
      .filter(({ object }) => levelOf(object) === last && !object.metadata.deletionTimestamp)
      .map(async ({ dependent, object }) => {
        const work = () => takeStep({ action: 'delete', observed: object }, stepContext(dependent, primary, context));
        const attributes = () => ({ ...namesOf(dependent), 'dependent.objects': [`delete ${object.metadata.name}`] });
        const taken = await traced(context.tracer, `dependent ${dependent.dependentClass.name}`, attributes, work);
        if (taken.written) context.onWritten(dependent, taken);
      }),
  );
  return found.length;
}

/** Objects of the generated kinds that the primary controls and no dependent describes any more. */
function findUnwanted(descriptions: Map<ActiveDependent, Description>, primary: StoredObject) {
  // Several dependents may generate one kind, so what is wanted of a kind is what all of them describe together.
  const wanted = new Map<Informer<StoredObject>, Set<string>>();
  for (const [{ informer }, { desired }] of descriptions) {
    const names = wanted.get(informer) ?? new Set();
    for (const { metadata } of desired) names.add(metadata.name);
    wanted.set(informer, names);
  }
  const first = new Map([...descriptions.keys()].reverse().map((dependent) => [dependent.informer, dependent]));
  return [...first].flatMap(([informer, dependent]) =>
    controlledBy(primary, informer)
      .filter(({ metadata }) => !wanted.get(informer)?.has(metadata.name) && !metadata.deletionTimestamp)
      .map((observed) => ({ dependent, step: { action: 'delete', observed } as const })),
  );
}

/** What may be deleted for a primary: objects retained for it are not controlled by it. */
function controlledBy(primary: StoredObject, informer: Informer<StoredObject>): StoredObject[] {
  const { uid } = primary.metadata;
  return informer.ownedBy(uid).filter((object) => controllerOf(object)?.uid === uid);
}

function stepContext(
  dependent: ActiveDependent,
  primary: StoredObject,
  context: WorkflowContext,
  carries: readonly string[] = [],
): StepContext {
  const { client, ownership, signal } = context;
  return { client, type: dependent.type, ownerUid: primary.metadata.uid, ownership, carries, signal };
}

/** Takes steps of one dependent as a span that tells what was done to which object, and what failed. */
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

function namesOf({ dependentClass, kind, apiVersion }: ActiveDependent): SpanAttributes {
  return { 'dependent.class': dependentClass.name, 'dependent.kind': kind, 'dependent.api_version': apiVersion };
}

async function settle(
  dependent: ActiveDependent,
  step: Step,
  primary: StoredObject,
  context: WorkflowContext,
  carries: readonly string[] = [],
): Promise<DependentOutcome> {
  const base = { dependent: dependent.dependentClass, kind: dependent.kind, name: nameOf(step) };
  try {
    const taken = await takeStep(step, stepContext(dependent, primary, context, carries));
    if (taken.written) context.onWritten(dependent, taken);
    const { action } = taken.step;
    return { ...base, action, object: taken.object, ready: readiness(dependent, taken, primary) };
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
      'or remove what asks for it',
  };
}

function readiness(dependent: ActiveDependent, { step, object }: TakenStep, primary: StoredObject): true | string {
  if (step.action === 'delete') return true;
  if (step.action === 'wait') return 'an older object of this name is still being deleted';
  if (step.action === 'conflict') return 'its name is taken by an object that belongs to somebody else';
  if (!object) return 'not stored yet';
  return dependent.instance.ready?.(object, primary) ?? true;
}

function nameOf(step: Step): string {
  return 'desired' in step ? step.desired.metadata.name : step.observed.metadata.name;
}
