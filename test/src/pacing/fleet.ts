import type { StoredObject } from '../../../operator/index.ts';
import type { ReleasePhase, ReleaseStatus, RestAPI } from '../../../resources/index.ts';
import { isStalled, type ReleaseSlot, slotOf } from '../../../src/blue-green/release-slot.ts';
import { ReleaseTurns, type TurnContext } from '../../../src/pacing/release-turns.ts';

type Api = StoredObject<RestAPI>;

/** RestAPIs of several namespaces, a cache that lags behind, and an operator that asks for turns as the controller does. */
export class Fleet {
  readonly #max: number;
  turns: ReleaseTurns;
  /** As the API server has them, by uid `<namespace>/<name>`. */
  readonly apis = new Map<string, Api>();
  /** As the cache shows them. */
  readonly #cached = new Map<string, Api>();
  /** Keys that were requeued, in this order. */
  readonly queue = new Set<string>();
  /** The order in which releases began. */
  readonly begun: string[] = [];
  /** Releases that began although one waited in a namespace with fewer in progress. */
  readonly unfair: string[] = [];
  /** How often all RestAPIs were read. */
  scans = 0;

  constructor(max: number, uids: readonly string[] = []) {
    this.#max = max;
    this.turns = new ReleaseTurns(max);
    for (const uid of uids) this.add(uid);
  }

  add(uid: string): void {
    const [namespace = '', name = ''] = uid.split('/');
    const spec = { blueGreen: { enabled: true, progressDeadlineSeconds: 600 } };
    this.apis.set(uid, { metadata: { uid, namespace, name }, spec, status: {} } as unknown as Api);
    this.see(uid);
  }

  /** The cache follows. */
  see(uid: string): void {
    const api = this.apis.get(uid);
    if (api) this.#cached.set(uid, api);
    else this.#cached.delete(uid);
  }

  /** The cache follows, and a change of it requeues the RestAPI. */
  deliver(uid: string): void {
    if (this.#cached.get(uid) !== this.apis.get(uid) && this.phase(uid)) this.queue.add(uid);
    this.see(uid);
  }

  deliverAll(): void {
    for (const uid of this.apis.keys()) this.deliver(uid);
  }

  seeAll(): void {
    for (const uid of new Set([...this.apis.keys(), ...this.#cached.keys()])) this.see(uid);
  }

  phase(uid: string): ReleasePhase | undefined {
    return this.apis.get(uid)?.status?.release?.phase;
  }

  /** Those that take a slot now. */
  busy(): string[] {
    return this.inPhase('Preparing').filter((uid) => !isStalled(this.apis.get(uid) as Api, Date.now()));
  }

  inPhase(phase: ReleasePhase): string[] {
    return [...this.apis.keys()].filter((uid) => this.phase(uid) === phase);
  }

  /** Writes the status of a release, which the cache does not show yet. */
  write(uid: string, release: Partial<ReleaseStatus> | undefined, history: object[] = []): void {
    const api = this.apis.get(uid);
    if (!api) return;
    const status = { ...api.status, release, history: [...history, ...(api.status?.history ?? [])] };
    this.apis.set(uid, { ...api, status } as Api);
  }

  /** One run for a RestAPI that wants to release, or does already; it sees its own last write. */
  run(uid: string): void {
    this.see(uid);
    const context = this.context(uid);
    if (!context) return;
    const { release } = context.primary.status ?? {};
    const begins = release === undefined || release.phase === 'Queued';
    if (!begins) this.turns.settled(context.primary);
    const wait = begins ? this.turns.ask(context) : undefined;
    this.turns.wake(context);
    const at = new Date().toISOString();
    if (wait) this.write(uid, { phase: 'Queued', queuedAt: release?.queuedAt ?? at });
    else if (begins) {
      if (this.#isUnfair(uid)) this.unfair.push(uid);
      this.begun.push(uid);
      this.write(uid, { phase: 'Preparing', progressedAt: at });
    }
  }

  #isUnfair(uid: string): boolean {
    const namespaceOf = (one: string) => one.split('/')[0];
    const busyIn = (namespace: string | undefined) =>
      this.busy().filter((one) => namespaceOf(one) === namespace).length;
    const waiting = [...this.#cached.values()].filter((api) => slotOf(api) === 'Waiting');
    return waiting.some(({ metadata }) => busyIn(metadata.namespace) < busyIn(namespaceOf(uid)));
  }

  /** A release ends; the operator runs once more when the cache shows it. */
  end(uid: string, result = 'Promoted'): void {
    this.write(uid, undefined, [{ result, at: new Date().toISOString() }]);
    this.look(uid);
  }

  /** A run that has nothing to release. */
  look(uid: string): void {
    this.see(uid);
    const context = this.context(uid);
    if (!context) return;
    this.turns.settled(context.primary);
    this.turns.wake(context);
  }

  /** Runs what was requeued, until nothing is. */
  drain(): void {
    for (const uid of this.queue) {
      this.queue.delete(uid);
      this.run(uid);
    }
  }

  /** Another process takes over: its caches are current, its memory is empty. */
  restart(): void {
    this.turns = new ReleaseTurns(this.#max);
    this.queue.clear();
    this.seeAll();
  }

  context(uid: string): TurnContext | undefined {
    const primary = this.#cached.get(uid);
    return (
      primary && {
        primary,
        primaries: () => {
          this.scans++;
          return [...this.#cached.values()];
        },
        indexed: (_index: string, slot: string) =>
          [...this.#cached.values()].filter((api) => slotOf(api) === (slot as ReleaseSlot)),
        requeueOther: ({ metadata }) => void this.queue.add(metadata.uid),
      }
    );
  }
}
