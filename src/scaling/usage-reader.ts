import type { StoredObject } from '../../operator/index.ts';
import { truncate } from '../workload/truncate.ts';
import type { PodMetrics } from './pod-use.ts';

/** The result of one read of the metrics API. */
export interface UsageReading {
  metrics: StoredObject<PodMetrics>[];
  /** Why there are no metrics. */
  problem?: string;
}

interface Entry {
  /** When the last read started, in ms. */
  startedAt: number;
  last: UsageReading | undefined;
}

/** The longest quoted error, in characters. */
const QUOTED = 200;

/**
 * Reads the usage of pods outside the work queue: a metrics API that does not respond must not delay a release. The API
 * has no watch, so the pods of each RestAPI are polled.
 */
export class UsageReader {
  readonly #everyMs: number;
  readonly #entries = new Map<string, Entry>();

  /** @param everyMs interval between two reads */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** The last reading for a RestAPI; undefined: there is none yet. */
  last(uid: string): UsageReading | undefined {
    return this.#entries.get(uid)?.last;
  }

  /**
   * Starts a read if it is due.
   * @param read reads the metrics API
   * @param onReading called when it succeeded or failed
   * @returns when the next read is due, ms from now
   */
  refresh(uid: string, read: () => Promise<StoredObject<PodMetrics>[]>, onReading: () => void): number {
    const now = performance.now();
    const before = this.#entries.get(uid);
    const wait = before ? before.startedAt + this.#everyMs - now : 0;
    if (wait > 0) return wait;
    const entry: Entry = { startedAt: now, last: before?.last };
    this.#entries.set(uid, entry);
    void read()
      .then(
        (metrics): UsageReading => ({ metrics }),
        (error: unknown): UsageReading => ({ metrics: [], problem: problemOf(error) }),
      )
      .then((reading) => {
        entry.last = reading;
        // It may be forgotten, or read again, by now.
        if (this.#entries.get(uid) === entry) onReading();
      });
    return this.#everyMs;
  }

  /** Forgets a RestAPI that was deleted or no longer needs it. */
  forget(uid: string): void {
    this.#entries.delete(uid);
  }
}

function problemOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return `Pod usage is not available from metrics.k8s.io: is metrics-server installed? (${truncate(said, QUOTED)})`;
}
