import { ApiClient, type ResourceType, type StoredObject } from '../../../operator/index.ts';
import type { ListWatchItem } from '../../../operator/informer/list-watch-options.ts';
import { VersionWaiters } from '../../../operator/informer/version-waiters.ts';
import { COMPONENTS, type ComponentName } from '../../../resources/api/component-name.ts';
import { everyVersion } from '../../support/every-version.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';
import type { Change } from './cluster-state.ts';
import { KindHistory } from './kind-history.ts';
import { MARKED_KINDS, Markers } from './markers.ts';
import { MergedHistory } from './merged-history.ts';
import { SafetyMonitor, type Violation } from './safety-monitor.ts';

/** A watched kind and how far it has been seen. */
interface Followed {
  type: ResourceType;
  history: KindHistory;
  waiters: VersionWaiters;
}

/** How long settle() waits for a watch, milliseconds. */
const SETTLE_MS = 60_000;

export interface SafetyObserverOptions {
  namespace: string;
  /** The RestAPI's name. */
  name: string;
  /** How many ready pods every component must have at any time. Default 1. */
  least?: number;
  /** The components that are enabled all the time. Default: all. */
  components?: readonly ComponentName[];
  /** The names of the front Service's ports. Default: the view's. */
  ports?: readonly ComponentName[];
  /** The components that have a stable Service. Default: those that are enabled. */
  stable?: readonly ComponentName[];
  /** Whether the components of an environment end in the order of calls. Default: not judged. */
  ordered?: boolean;
}

/**
 * Watches a cluster as an administrator and judges every single state of it in which a RestAPI was served: nothing that
 * was wrong only for a moment is missed. See safety-rules.ts for what is judged.
 *
 * A test that ends the API server meanwhile should run it with `--watch-cache=false`: the cache of a new one knows
 * nothing of what was before it, and settle() then fails for the gap.
 */
export class SafetyObserver implements AsyncDisposable {
  readonly #client: ApiClient;
  readonly #markers: Markers;
  readonly #monitor: SafetyMonitor;
  readonly #merged = new MergedHistory<Change>(MARKED_KINDS.map(({ kind }) => kind));
  readonly #kinds: Followed[] = MARKED_KINDS.map((type) => ({
    type,
    history: new KindHistory(),
    waiters: new VersionWaiters(),
  }));
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #failure: unknown;
  /** The first version at which every kind was known. */
  #from = 0;

  private constructor(world: OperatorCluster, options: SafetyObserverOptions) {
    const { namespace, name, least = 1, components = COMPONENTS, ports = ['view'], stable = components } = options;
    const { ordered = false } = options;
    this.#client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'safety-observer' });
    this.#markers = new Markers(this.#client);
    this.#monitor = new SafetyMonitor({ namespace, name, least, components, ports, stable, ordered });
  }

  /** Begins. When it resolves, everything that happens from now on is judged. */
  static async start(world: OperatorCluster, options: SafetyObserverOptions): Promise<SafetyObserver> {
    const observer = new SafetyObserver(world, options);
    try {
      await observer.#markers.create();
      observer.#running = Promise.all(observer.#kinds.map((kind) => observer.#follow(kind)));
      // Only a write that comes after all lists makes the state they found be judged.
      await observer.#seen(new Map(MARKED_KINDS.map(({ kind }) => [kind, '1'])));
      await observer.settle();
      return observer;
    } catch (error) {
      await observer.#stop();
      throw error;
    }
  }

  /** What was wrong, in order. Complete up to the last settle(). */
  get violations(): readonly Violation[] {
    return this.#monitor.violations;
  }

  /** The resource version from which on it was judged. Undefined says that no violations mean nothing. */
  get guardedSince(): number | undefined {
    return this.#monitor.guardedSince;
  }

  /** Resolves when all that has happened up to now is judged. @throws Error if something could not be seen */
  async settle(): Promise<void> {
    await this.#seen(await this.#markers.touch());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#markers.delete();
    } finally {
      await this.#stop();
    }
  }

  /** Waits until each kind has been seen up to its version. */
  async #seen(versions: ReadonlyMap<string, string>): Promise<void> {
    for (const { type, waiters } of this.#kinds) {
      const version = versions.get(type.kind) ?? '';
      const seen = await waiters.waitFor(version, SETTLE_MS);
      if (this.#failure !== undefined)
        throw new Error('the observer could not see everything', { cause: this.#failure });
      if (!seen) throw new Error(`the watch of ${type.plural} has not come to resource version ${version}`);
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#client.close();
  }

  async #follow({ type, history, waiters }: Followed): Promise<void> {
    const items = everyVersion<StoredObject>(this.#client, type, this.#stopping.signal);
    try {
      for await (const item of items) {
        this.#take(type.kind, history, item);
        waiters.advance(item.type === 'UNSERVED' ? '' : item.resourceVersion);
      }
    } catch (error) {
      this.#failure ??= error;
    }
    waiters.end();
  }

  #take(kind: string, history: KindHistory, item: ListWatchItem<StoredObject>): void {
    const step = history.read(item);
    if (step.type === 'change') this.#merged.add(kind, step.version, step.change);
    else this.#merged.reach(kind, step.version);
    if (step.type === 'begin') {
      this.#from = Math.max(this.#from, step.version);
      for (const object of step.objects) this.#monitor.begin({ type: 'ADDED', object });
    }
    for (const { version, item: change } of this.#merged.take()) {
      if (version > this.#from) this.#monitor.next(change, version);
      else this.#monitor.begin(change);
    }
  }
}
