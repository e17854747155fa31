import type { Class, Dependent } from '../decorators/dependent-resource.ts';
import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';
import type { Contended } from './contention.ts';
import type { Step } from './plan.ts';

/** A generated object, its readiness, and what was done to it. */
export interface DependentOutcome {
  dependent: Class;
  kind: string;
  name: string;
  /**
   * `skipped`: what it depends on is not ready. `unavailable`: this cluster does not serve its kind, see
   * `DependentResourceOptions.ifKindMissing`. `failed`: see `error`.
   */
  action: Step['action'] | 'skipped' | 'unavailable' | 'failed';
  object?: StoredObject;
  /** True, or the reason why not. Deleted objects are ready when they are gone. */
  ready: true | string;
  error?: unknown;
  /** For a contended object: the fields, and the other client. */
  contended?: { fields: readonly string[]; who: string };
  /** When the object must be reconciled again even if nothing changes, in milliseconds. */
  retryAfterMs?: number;
}

/**
 * The result of `context.apply()`.
 *
 * @example
 * ```ts
 * const result = await context.apply();
 * return { status: { ready: result.notReady.length === 0 } };
 * ```
 */
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

  /** Objects whose name is taken by an object of another owner. */
  get conflicts(): DependentOutcome[] {
    return this.outcomes.filter(({ action }) => action === 'conflict');
  }

  /** Objects that the server rejected, or for which it could not be reached. */
  get failures(): DependentOutcome[] {
    return this.outcomes.filter(({ action }) => action === 'failed');
  }

  /**
   * Objects that were not changed because they were written for a later generation of the primary, or by a later leader:
   * the resource is reconciled again when the cache is newer.
   */
  get stale(): DependentOutcome[] {
    return this.outcomes.filter(({ action }) => action === 'stale');
  }

  /** Objects that another client reverts after every write, whether this run wrote them or not. */
  get contended(): Contended[] {
    return this.outcomes.flatMap(({ kind, name, contended, retryAfterMs = 0 }) =>
      contended ? [{ kind, name, ...contended, retryAfterMs }] : [],
    );
  }

  /** When the resource must be reconciled again even if nothing changes, in milliseconds; undefined: not necessary. */
  get retryAfterMs(): number | undefined {
    const waits = this.outcomes.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }

  /** Objects of kinds that this cluster does not serve. */
  get unavailable(): DependentOutcome[] {
    return this.outcomes.filter(({ action }) => action === 'unavailable');
  }

  /** All objects that are not ready, for whatever reason. */
  get notReady(): DependentOutcome[] {
    return this.outcomes.filter(({ ready }) => ready !== true);
  }
}
