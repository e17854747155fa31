/** What the API server says about a client: it may, it is nobody, or it may not. */
export type Verdict = 'allowed' | 'unauthenticated' | 'forbidden';

/** How long a verdict is reused, in milliseconds: how late the loss of a right, or a new right, takes effect. */
export const ALLOWED_MS = 60_000;
export const REFUSED_MS = 10_000;
/** Most verdicts of either sort. The oldest are dropped. */
const LIMIT = 1_000;

interface Entry {
  verdict: Verdict;
  until: number;
}

/**
 * Recent verdicts by key. Refusals are kept apart, so that a client that tries many tokens cannot displace those who may. Keys must
 * not be tokens: a memory dump would reveal them.
 */
export class RecentVerdicts {
  readonly #now: () => number;
  readonly #allowed = new Map<string, Entry>();
  readonly #refused = new Map<string, Entry>();

  /** @param now a monotonic clock, milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  find(key: string): Verdict | undefined {
    const entry = this.#allowed.get(key) ?? this.#refused.get(key);
    return entry && entry.until > this.#now() ? entry.verdict : undefined;
  }

  add(key: string, verdict: Verdict): void {
    this.#allowed.delete(key);
    this.#refused.delete(key);
    const [entries, lifeMs] = verdict === 'allowed' ? [this.#allowed, ALLOWED_MS] : [this.#refused, REFUSED_MS];
    entries.set(key, { verdict, until: this.#now() + lifeMs });
    // In the order of insertion.
    const [oldest] = entries.keys();
    if (entries.size > LIMIT && oldest !== undefined) entries.delete(oldest);
  }
}
