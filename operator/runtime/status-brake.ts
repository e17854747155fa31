import { hashOf } from '../reconcile/desired-object.ts';
import type { WriteBrake } from '../reconcile/write-brake.ts';

/** Names the status among what others may change back. */
const STATUS = 'status';

/** What a status write came to that had to wait. */
export interface HeldStatus {
  /** When it may be made, in milliseconds from now. */
  retryAfterMs: number;
  /** Whether this is the first that has to wait. */
  began: boolean;
}

/**
 * Holds back writes of a status that another writer changes back at once, such as a second operator that has another opinion of
 * the same resource: otherwise both would write at full speed for ever.
 */
export class StatusBrake {
  readonly #brake: WriteBrake;

  constructor(brake: WriteBrake) {
    this.#brake = brake;
  }

  /**
   * Writes a status, or says when that may be done.
   * @param differs whether the stored status differs
   * @returns undefined if nothing has to wait
   */
  async write(
    uid: string,
    status: object,
    differs: boolean,
    write: () => Promise<void>,
  ): Promise<HeldStatus | undefined> {
    const brake = this.#brake;
    if (!differs) {
      brake.calm(uid, STATUS);
      return undefined;
    }
    const hash = hashWithoutTimes(status);
    // The very status that was written last is not there any more: somebody else has written another.
    const fought = brake.lastHash(uid, STATUS) === hash;
    const retryAfterMs = fought ? brake.waitMs(uid, STATUS) : 0;
    if (retryAfterMs > 0) {
      const began = brake.fight(uid, STATUS) === undefined;
      brake.began(uid, STATUS, { fields: [STATUS], who: 'another writer' });
      return { retryAfterMs, began };
    }
    await write();
    if (fought) brake.repaired(uid, STATUS, hash);
    else brake.wrote(uid, STATUS, hash);
    return undefined;
  }
}

/** Tells one status from another whenever it was written. */
function hashWithoutTimes(status: object): string {
  return hashOf(JSON.parse(JSON.stringify(status, (key, value) => (key.endsWith('Time') ? undefined : value))));
}
