/** When a renewal was sent, by two clocks: the monotonic one stands still while a virtual machine is paused. */
export interface Sent {
  monotonicMs: number;
  wallMs: number;
}

/** Reads both clocks. */
export function sentNow(): Sent {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/** Whether this process leads, and for how long it may write without another renewal. */
export class Leadership {
  readonly #renewDeadlineMs: number;
  readonly #onDeadline: () => void;
  #leading = false;
  #controller = new AbortController();
  #renewed: Sent | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Why this leader has to renew before it may write again, and since when. */
  #doubt: { reason: string; atMs: number } | undefined;
  #unfoundedDoubts = 0;

  /** @param onDeadline called when the renew deadline may have passed */
  constructor(renewDeadlineMs: number, onDeadline: () => void) {
    this.#renewDeadlineMs = renewDeadlineMs;
    this.#onDeadline = onDeadline;
    this.#controller.abort(new Error('this process is not the leader yet'));
  }

  get leading(): boolean {
    return this.#leading;
  }

  /** Whether a write may leave now: not after the renew deadline, and not while leadership is in doubt. */
  get mayWrite(): boolean {
    return this.#leading && this.#doubt === undefined && this.leftMs > 0;
  }

  /** Aborts when leadership ends; aborted while this process does not lead. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Doubts of this term that a renewal has dispelled. */
  get unfoundedDoubts(): number {
    return this.#unfoundedDoubts;
  }

  /** Milliseconds since the last successful renewal was sent. The longer of two clocks counts. */
  get elapsedMs(): number {
    if (!this.#renewed) return Number.POSITIVE_INFINITY;
    return Math.max(performance.now() - this.#renewed.monotonicMs, Date.now() - this.#renewed.wallMs);
  }

  /** How long this leader may write without another renewal, milliseconds; negative once the deadline has passed. */
  get leftMs(): number {
    return this.#renewDeadlineMs - this.elapsedMs;
  }

  /** This process has taken the Lease. */
  begin(sent: Sent): void {
    this.#leading = true;
    this.#controller = new AbortController();
    this.#doubt = undefined;
    this.#unfoundedDoubts = 0;
    this.renewed(sent);
  }

  /** A renewal succeeded. @returns the reason of the doubt that it dispelled, if there was one */
  renewed(sent: Sent): string | undefined {
    this.#renewed = sent;
    clearTimeout(this.#timer);
    // A leader must notice its loss even if no request is ever answered.
    this.#timer = setTimeout(this.#onDeadline, Math.max(0, this.leftMs) + 1);
    const doubt = this.#doubt;
    // A doubt that came while the renewal was in flight needs another one.
    if (!doubt || doubt.atMs >= sent.monotonicMs) return undefined;
    this.#doubt = undefined;
    this.#unfoundedDoubts += 1;
    return doubt.reason;
  }

  /** Stops writes until the next renewal. @returns false if this process does not lead, or leadership is in doubt already */
  doubt(reason: string): boolean {
    if (!this.#leading || this.#doubt !== undefined) return false;
    this.#doubt = { reason, atMs: performance.now() };
    return true;
  }

  /** Leadership ends. */
  end(reason: string): void {
    this.#leading = false;
    this.#renewed = undefined;
    this.#doubt = undefined;
    clearTimeout(this.#timer);
    this.#controller.abort(new Error(`this process is no longer the leader: ${reason}`));
  }
}
