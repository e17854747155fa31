import { hashOf } from '../reconcile/desired-object.ts';
import type { WriteBrake } from '../reconcile/write-brake.ts';

/** The name of the status in the write brake. */
const STATUS = 'status';

/** A status write that was delayed. */
export interface HeldStatus {
  /** When it may be made, in milliseconds from now. */
  retryAfterMs: number;
  /** Whether this is the first that has to wait. */
  began: boolean;
}

/**
 * Delays writes of a status that another writer keeps reverting, such as a second operator for the same resource. Without it
 * both would write at full speed for ever.
 */
export class StatusBrake {
  readonly #brake: WriteBrake;

  constructor(brake: WriteBrake) {
    this.#brake = brake;
  }

  /**
   * Writes a status, or returns when that is allowed.
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
    // The status that was written last is gone: another client has written a different one.
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

/** A hash of a status that ignores times. */
function hashWithoutTimes(status: object): string {
  return hashOf(JSON.parse(JSON.stringify(status, (key, value) => (key.endsWith('Time') ? undefined : value))));
}
