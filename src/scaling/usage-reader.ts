import type { StoredObject } from '../../operator/index.ts';
import { truncate } from '../workload/truncate.ts';
import type { PodMetrics } from './pod-use.ts';

/** What was found at a look at what pods use. */
export interface Look {
  metrics: StoredObject<PodMetrics>[];
  /** Why nothing was found, in words. */
  problem?: string;
}

interface Reading {
  /** When the last look began, in ms. */
  begun: number;
  last: Look | undefined;
}

/** The longest text of somebody else that is passed on, in characters. */
const QUOTED = 200;

/**
 * Looks at what pods use, beside the work on the queue: a metrics API that does not answer must not keep a release
 * waiting. There is nothing to watch, so each RestAPI's pods are asked for once in a while.
 */
export class UsageReader {
  readonly #everyMs: number;
  readonly #readings = new Map<string, Reading>();

  /** @param everyMs time between two looks */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** What was found last for a RestAPI; undefined: nobody has looked yet. */
  last(uid: string): Look | undefined {
    return this.#readings.get(uid)?.last;
  }

  /**
   * Begins to look, if it is time.
   * @param read asks the metrics API
   * @param found called when there is an answer, of whatever kind
   * @returns when it will be time again, ms from now
   */
  look(uid: string, read: () => Promise<StoredObject<PodMetrics>[]>, found: () => void): number {
    const now = performance.now();
    const before = this.#readings.get(uid);
    const wait = before ? before.begun + this.#everyMs - now : 0;
    if (wait > 0) return wait;
    const reading: Reading = { begun: now, last: before?.last };
    this.#readings.set(uid, reading);
    void read()
      .then(
        (metrics): Look => ({ metrics }),
        (error: unknown): Look => ({ metrics: [], problem: problemOf(error) }),
      )
      .then((look) => {
        reading.last = look;
        // It may be forgotten, or asked again, by now.
        if (this.#readings.get(uid) === reading) found();
      });
    return this.#everyMs;
  }

  /** Forgets a RestAPI that is gone or no longer needs it. */
  forget(uid: string): void {
    this.#readings.delete(uid);
  }
}

function problemOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return `Pod usage is not available from metrics.k8s.io: is metrics-server installed? (${truncate(said, QUOTED)})`;
}
