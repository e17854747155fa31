import type { Class, Dependent } from '../decorators/dependent-resource.ts';
import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';
import type { Contended } from './contention.ts';
import type { Step } from './plan.ts';

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
  /** Of a contended object: which fields, and who changes them. */
  contended?: { fields: readonly string[]; who: string };
  /** When the object must be looked at again though nothing happens, in milliseconds. */
  retryAfterMs?: number;
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

  /**
   * Objects that were left alone because they were written for a later generation of the primary, or by a later leader:
   * the run has to be made again when the cache has moved.
   */
  get stale(): DependentOutcome[] {
    return this.outcomes.filter(({ action }) => action === 'stale');
  }

  /** Objects that others change back as often as they are written, whether they were left alone in this run or not. */
  get contended(): Contended[] {
    return this.outcomes.flatMap(({ kind, name, contended, retryAfterMs = 0 }) =>
      contended ? [{ kind, name, ...contended, retryAfterMs }] : [],
    );
  }

  /** When the workflow must run again though nothing happens, in milliseconds; undefined: it need not. */
  get retryAfterMs(): number | undefined {
    const waits = this.outcomes.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
    return waits.length > 0 ? Math.min(...waits) : undefined;
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
