import { FairLane, type Taken } from './fair-lane.ts';

/** `event`: the object changed. `resync`: it is reconciled periodically without a change. Events go first. */
export type Lane = 'event' | 'resync';

/** One of this many keys is a resync while both lanes have keys, so that a flood of events does not starve resyncs. */
const RESYNC_SHARE = 16;

/** All waiting keys: events before resyncs, each lane fair between namespaces. A key waits at most once. */
export class Lanes {
  readonly #lanes: Record<Lane, FairLane> = { event: new FairLane(), resync: new FairLane() };
  /** Events taken since the last resync while a resync was waiting. */
  #eventsInARow = 0;

  get size(): number {
    return this.#lanes.event.size + this.#lanes.resync.size;
  }

  /**
   * Adds a key, or moves a waiting resync to the events; its waiting time counts from when it was first added.
   * @returns whether the key is new
   */
  add(key: string, lane: Lane): boolean {
    const { event, resync } = this.#lanes;
    if (event.since(key) !== undefined) return false;
    const since = resync.since(key);
    if (since !== undefined) {
      if (lane === 'resync') return false;
      resync.delete(key);
    }
    this.#lanes[lane].add(key, since ?? performance.now());
    return since === undefined;
  }

  /** Takes the next key of the namespaces that are open. */
  take(open: (namespace: string) => boolean): (Taken & { lane: Lane }) | undefined {
    const resyncDue = this.#lanes.resync.size > 0 && this.#eventsInARow >= RESYNC_SHARE - 1;
    const order: Lane[] = resyncDue ? ['resync', 'event'] : ['event', 'resync'];
    for (const lane of order) {
      const taken = this.#lanes[lane].take(open);
      if (!taken) continue;
      this.#eventsInARow = lane === 'event' && this.#lanes.resync.size > 0 ? this.#eventsInARow + 1 : 0;
      return { ...taken, lane };
    }
    return undefined;
  }

  clear(): void {
    this.#lanes.event.clear();
    this.#lanes.resync.clear();
  }
}
