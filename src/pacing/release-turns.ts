import { Gauge, type Registry } from 'prom-client';
import type { ReconcileContext, StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { isStalled, type ReleaseSlot, servedAt } from '../blue-green/release-slot.ts';
import type { TurnWait } from '../blue-green/turn-wait.ts';
import { nextReleases, type WaitingRelease } from './next-releases.ts';

/** How many releases the operator makes at a time, unless configured otherwise. */
export const DEFAULT_MAX_RELEASES = 10;
/** The index of the controller by slotOf(). */
export const SLOT_INDEX = 'releaseSlot';

/** How long a slot is kept for a release whose status the cache does not show yet, milliseconds: more than a run may take. */
const RESERVED_MS = 120_000;
/** How long one that was woken has the time to begin, milliseconds. */
const WOKEN_MS = 10_000;
/** How long others then go before it, milliseconds: it must not hold them up if its runs fail. */
const PASSED_OVER_MS = 60_000;
/** How often it is checked, while some wait, whether a slot became free without an event, milliseconds. */
const CHECK_MS = 10_000;
/** When a release that waits updates its message at the latest, milliseconds. */
const RECHECK_MS = 300_000;

/** What one run offers. */
export type TurnContext = Pick<ReconcileContext<RestAPI>, 'primary' | 'primaries' | 'indexed' | 'requeueOther'>;

/** A slot that a RestAPI has before its status shows it. */
interface Held {
  namespace: string;
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * Gives the releases of all RestAPIs their turn: only so many are in progress at a time.
 *
 * The truth is in the statuses. Only what the cache does not show yet is kept in memory: the releases that just began. So after
 * a restart those in progress still count, and those that wait keep their places.
 */
export class ReleaseTurns {
  readonly #max: number;
  /** By uid: releases that began, until the cache shows it. */
  readonly #begun = new Map<string, Held>();
  /** By uid: RestAPIs that were woken because it is their turn. */
  readonly #woken = new Map<string, Held>();
  #check: NodeJS.Timeout | undefined;

  /** @param max how many releases are in progress at a time; 0: any number */
  constructor(max: number) {
    this.#max = max;
  }

  /** Registers the metric. Call it once. */
  showIn(registry: Registry): void {
    const name = 'restapi_max_releases';
    const help = 'Releases that this operator makes at a time (`--max-releases`); 0: any number.';
    new Gauge({ name, help, registers: [registry] }).set(this.#max);
  }

  /**
   * Asks whether a release may begin. If so, it has its slot from now on, also before its status says so.
   *
   * @returns why it waits; undefined: it begins
   */
  ask(context: TurnContext): TurnWait | undefined {
    if (this.#max === 0) return undefined;
    const now = Date.now();
    const { uid, namespace = '' } = context.primary.metadata;
    this.#woken.delete(uid);
    const busy = this.#busy(context, now);
    busy.delete(uid);
    if (this.#begun.has(uid) || this.#isNext(context, busy, now)) {
      this.#begun.set(uid, { namespace, at: now });
      return undefined;
    }
    this.#checkSoon(context);
    const inNamespace = [...busy.values()].filter((one) => one === namespace).length;
    // Those that began to wait together do not come again together.
    const recheckMs = Math.round(RECHECK_MS * (0.75 + Math.random() / 2));
    return { max: this.#max, inProgress: busy.size, inNamespace, recheckMs };
  }

  /** Call it in every run that does not ask: the cache shows the release that began, or it is not wanted any longer. */
  settled({ metadata: { uid } }: StoredObject<RestAPI>): void {
    this.#begun.delete(uid);
  }

  /**
   * Requeues the RestAPIs whose turn it is. Call it in every run: the end of a release frees a slot. As long as none is free it
   * costs no more than the number of releases in progress.
   */
  wake(context: TurnContext): void {
    if (this.#max === 0) return;
    const now = Date.now();
    for (const [uid, { at }] of this.#woken) if (now - at > PASSED_OVER_MS) this.#woken.delete(uid);
    const busy = this.#busy(context, now);
    for (const [uid, { at, namespace }] of this.#woken) if (now - at < WOKEN_MS) busy.set(uid, namespace);
    const free = this.#max - busy.size;
    if (free <= 0) return;
    const waiting = inSlot(context, 'Waiting').filter(({ metadata: { uid } }) => !this.#isHeld(uid));
    for (const { uid, namespace } of chosen(context, free, waiting, busy, now)) {
      const found = waiting.find(({ metadata }) => metadata.uid === uid);
      if (!found) continue;
      this.#woken.set(uid, { namespace, at: now });
      context.requeueOther(found);
    }
  }

  #isNext(context: TurnContext, busy: ReadonlyMap<string, string>, now: number): boolean {
    const free = this.#max - busy.size;
    if (free <= 0) return false;
    const { primary } = context;
    const { uid } = primary.metadata;
    const others = inSlot(context, 'Waiting').filter(
      ({ metadata }) => metadata.uid !== uid && !this.#isPassed(metadata.uid, now),
    );
    return chosen(context, free, [...others, primary], busy, now).some((one) => one.uid === uid);
  }

  /** The namespaces of the releases in progress, by uid of the RestAPI. */
  #busy(context: TurnContext, now: number): Map<string, string> {
    const busy = new Map<string, string>();
    for (const api of inSlot(context, 'InProgress')) {
      if (!isStalled(api, now)) busy.set(api.metadata.uid, api.metadata.namespace ?? '');
    }
    for (const [uid, { at, namespace }] of this.#begun) {
      // A RestAPI that is gone does not come again.
      if (now - at > RESERVED_MS) this.#begun.delete(uid);
      else busy.set(uid, namespace);
    }
    return busy;
  }

  #isHeld(uid: string): boolean {
    return this.#begun.has(uid) || this.#woken.has(uid);
  }

  /** Whether others go before it: it has its slot already, or was woken and did not begin. */
  #isPassed(uid: string, now: number): boolean {
    const woken = this.#woken.get(uid);
    return this.#begun.has(uid) || (woken !== undefined && now - woken.at >= WOKEN_MS);
  }

  /** Not every slot becomes free by an event: a release may stall, and a RestAPI may lose its finalizer. */
  #checkSoon(context: TurnContext): void {
    this.#check ??= setTimeout(() => {
      this.#check = undefined;
      this.wake(context);
      if (inSlot(context, 'Waiting').length > 0) this.#checkSoon(context);
    }, CHECK_MS).unref();
  }
}

function inSlot({ indexed }: TurnContext, slot: ReleaseSlot): StoredObject<RestAPI>[] {
  return indexed(SLOT_INDEX, slot);
}

/** Those of the RestAPIs that begin next. All RestAPIs are only read if not all of these do. */
function chosen(
  { primaries }: TurnContext,
  free: number,
  waiting: readonly StoredObject<RestAPI>[],
  busy: ReadonlyMap<string, string>,
  now: number,
): WaitingRelease[] {
  const all = waiting.map(({ metadata: { uid, namespace = '' }, status }) => {
    const since = Math.min(now, Date.parse(status?.release?.queuedAt ?? '') || now);
    return { uid, namespace, since };
  });
  if (all.length <= free) return all;
  const inProgress = new Map<string, number>();
  for (const namespace of busy.values()) inProgress.set(namespace, (inProgress.get(namespace) ?? 0) + 1);
  const served = new Map<string, number>();
  for (const api of primaries()) {
    const { namespace = '' } = api.metadata;
    served.set(namespace, Math.max(served.get(namespace) ?? 0, servedAt(api)));
  }
  return nextReleases(free, all, inProgress, served);
}
