import type { StoredObject } from '../kubernetes-object.ts';
import { AdmissionRewrites } from './admission-rewrites.ts';
import { hasHash, type Ownership } from './desired-object.ts';
import { type Difference, findDifferences } from './differences.ts';
import { returnedFields } from './given-up-fields.ts';
import { managersOf } from './managed-fields.ts';
import type { Step } from './plan.ts';
import { type BrakeTimings, WriteBrake } from './write-brake.ts';

type Create = Step & { action: 'create' };
type Update = Step & { action: 'update' };

/** An object that another client reverts after every write. */
export interface Contended {
  kind: string;
  name: string;
  /** The fields that are contended, as paths. */
  fields: readonly string[];
  /** The other client: field managers with their operation, or "an admission webhook or policy". */
  who: string;
  /** When it is written next, in milliseconds from now. */
  retryAfterMs: number;
}

const ADMISSION = 'an admission webhook or policy';

/** Remembers how other clients change the objects of one controller; see its two parts. */
export class Contention {
  readonly brake: WriteBrake;
  readonly rewrites = new AdmissionRewrites();

  constructor(timings?: Partial<BrakeTimings>, now?: () => number) {
    this.brake = new WriteBrake(timings, now);
  }

  /** Forgets an object, or all objects of a deleted owner. */
  forget(owner: string, object?: string): void {
    this.brake.forget(owner, object);
    this.rewrites.forget(owner, object);
  }

  /**
   * An update without the fields that admission rewrites.
   * @returns undefined if nothing else differs
   */
  withoutRewrites(step: Update, owner: string, object: string, ownership: Ownership): Update | undefined {
    if (!this.rewrites.knows(owner, object)) return step;
    const all = allDifferences(step, step.observed, ownership);
    const left = new Set(this.rewrites.others(owner, object, step.observed.metadata.uid, all).map(({ path }) => path));
    const keep = (paths: readonly string[] = []) => paths.filter((path) => left.has(path));
    const fields = keep(step.fields);
    return fields.length > 0 ? { ...step, fields, returned: keep(step.returned) } : undefined;
  }

  /** Whether an update reverts another client's change, including one that replaced our description. */
  isFought({ desired, observed, drift }: Update, owner: string, object: string, ownership: Ownership): boolean {
    if (drift) return true;
    const hash = desired.metadata.annotations[ownership.hashAnnotation];
    return !hasHash(observed, desired, ownership) && this.brake.lastHash(owner, object) === hash;
  }

  /** Whether a missing object was written a moment ago, so that another client must have deleted it. */
  isDeletedByOthers({ desired }: Create, owner: string, object: string, { hashAnnotation }: Ownership): boolean {
    const hash = this.brake.lastHash(owner, object);
    return hash !== undefined && hash === desired.metadata.annotations[hashAnnotation];
  }

  /**
   * Returns the step in place of one that is delayed.
   * @param live reads the object with managedFields from the API server; called once per contention
   */
  async hold(
    step: Create | Update,
    owner: string,
    object: string,
    retryAfterMs: number,
    { fieldManager }: Ownership,
    live: () => Promise<StoredObject | undefined>,
  ): Promise<{ step: Step & { action: 'contended' }; began: boolean }> {
    const { desired } = step;
    const fields = step.action === 'update' ? step.fields : [];
    const observed = step.action === 'update' ? step.observed : undefined;
    const known = this.brake.fight(owner, object);
    const fight = known ?? { fields, who: await this.#who(owner, object, fields, fieldManager, live) };
    this.brake.began(owner, object, fight);
    const { who } = fight;
    return { step: { action: 'contended', desired, observed, fields, who, retryAfterMs }, began: !known };
  }

  async #who(
    owner: string,
    object: string,
    fields: readonly string[],
    fieldManager: string,
    live: () => Promise<StoredObject | undefined>,
  ): Promise<string> {
    const isRewritten = (path: string) => this.rewrites.has(owner, object, path);
    const others = fields.filter((path) => !isRewritten(path));
    const names = fields.some(isRewritten) ? [ADMISSION] : [];
    if (others.length > 0) {
      const present = await live();
      names.push((present && managersOf(present, others, fieldManager)) ?? 'an unknown manager');
    }
    return names.length > 0 ? names.join(' and ') : 'an unknown client that deletes it';
  }
}

/** Where an object differs from the desired one, including abandoned fields that have returned. */
export function allDifferences(
  { desired }: Pick<Update, 'desired'>,
  observed: StoredObject,
  ownership: Ownership,
): Difference[] {
  return [...findDifferences(desired, observed), ...returnedFields(desired, observed, ownership)];
}
