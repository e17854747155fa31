import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ApiClient,
  customResourceOf,
  Informer,
  type KubernetesObject,
  type ResourceType,
  type StoredObject,
} from '../../operator/index.ts';
import { type Deployment, RestAPI, type Service } from '../../resources/index.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import type { Screen } from '../terminal/screen.ts';
import type { Viewport } from '../terminal/viewport.ts';
import { DEPLOYMENT, generatedSelector, POD, SERVICE } from '../workload/kinds.ts';
import type { Pod } from '../workload/pod.ts';
import { isComplete, ObservedIndex } from './component-rows.ts';
import type { Observed } from './observed.ts';
import { viewOf } from './view.ts';

/** Changes within this time are shown together, in milliseconds: on a terminal, and elsewhere. */
const LIVE_MS = 100;
const PLAIN_MS = 200;
/** Kinds that are not listed by then, in milliseconds, are shown as unknown: the right to list them may be missing. */
const SYNC_TIMEOUT_MS = 5_000;

/** Which RestAPIs to show, and how. */
export interface Shown {
  /** Default: all namespaces. */
  namespace?: string | undefined;
  /** Default: all RestAPIs. */
  name?: string | undefined;
  /** Whether to watch their Deployments, Services and pods. Default: true. */
  parts?: boolean;
  /** Renders the lines. Default: each RestAPI with a table of its components. */
  view?: (observed: Observed, viewport: Viewport) => string[];
}

/** Shows RestAPIs and their components: redrawn on a terminal, printed again after each change elsewhere. */
export class LiveTable {
  readonly #restapis: Informer<StoredObject<RestAPI>>;
  readonly #deployments: Informer<StoredObject<Deployment>>;
  readonly #services: Informer<StoredObject<Service>>;
  readonly #pods: Informer<StoredObject<Pod>>;
  readonly #watched: readonly (
    | Informer<StoredObject<RestAPI>>
    | Informer<StoredObject<Deployment>>
    | Informer<StoredObject<Service>>
    | Informer<StoredObject<Pod>>
  )[];
  readonly #view: (observed: Observed, viewport: Viewport) => string[];
  readonly #screen: Screen;
  readonly #lifetime: Lifetime;
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #shown = false;
  #printed = '';

  constructor(client: ApiClient, shown: Shown, screen: Screen, lifetime: Lifetime) {
    const { namespace, name, parts = true, view = viewOf } = shown;
    const fieldSelector = name === undefined ? undefined : `metadata.name=${name}`;
    this.#restapis = new Informer({ client, namespace, type: customResourceOf(RestAPI), fieldSelector });
    const labelSelector = generatedSelector(name);
    const informer = <T extends KubernetesObject>(type: ResourceType) =>
      new Informer<StoredObject<T>>({ client, namespace, type, labelSelector });
    this.#deployments = informer(DEPLOYMENT);
    this.#services = informer(SERVICE);
    this.#pods = informer(POD);
    this.#watched = parts ? [this.#restapis, this.#deployments, this.#services, this.#pods] : [this.#restapis];
    this.#view = view;
    this.#screen = screen;
    this.#lifetime = lifetime;
    lifetime.onEnd('the table', () => this.#stop());
  }

  /** Starts to watch. @returns once every kind is listed, or those that may be within the timeout */
  async watch(): Promise<void> {
    const { signal } = this.#lifetime;
    const synced: Promise<void>[] = [];
    for (const informer of this.#watched) {
      informer.subscribe(() => this.#changed());
      informer.start();
      // An empty list notifies no subscriber.
      synced.push(informer.synced(signal).then(() => this.#changed()));
    }
    await Promise.race([Promise.all(synced), sleep(SYNC_TIMEOUT_MS, undefined, { signal, ref: false })]);
    await this.#restapis.synced(signal);
  }

  /** Shows the table now and after each change. */
  show(): void {
    this.#shown = true;
    this.#draw();
    if (this.#screen.live) process.stdout.on('resize', this.#redraw);
  }

  /** Waits until a RestAPI is ready and the table shows all of its components. @throws the signal's reason */
  async ready(namespace: string, name: string, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const finish = (how: () => void) => {
        this.#waiting.delete(check);
        signal.removeEventListener('abort', onAbort);
        how();
      };
      const onAbort = () => finish(() => reject(signal.reason));
      const check = () => this.#isReady(namespace, name) && finish(resolve);
      this.#waiting.add(check);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      else check();
    });
    if (this.#shown) this.#draw();
  }

  /** The message of the condition Ready of a RestAPI. */
  messageOf(namespace: string, name: string): string | undefined {
    const { conditions } = this.#restapis.get(namespace, name)?.status ?? {};
    return conditions?.find(({ type }) => type === 'Ready')?.message;
  }

  #isReady(namespace: string, name: string): boolean {
    const api = this.#restapis.get(namespace, name);
    if (api?.status?.phase !== 'Ready' || api.status.observedGeneration !== api.metadata.generation) return false;
    return new ObservedIndex(this.#observed()).rowsOf(api).every(isComplete);
  }

  #observed(): Observed {
    const known = <T extends StoredObject>(informer: Informer<T>) => (informer.hasSynced ? informer.list() : undefined);
    return {
      restapis: this.#restapis.list(),
      deployments: known(this.#deployments),
      services: known(this.#services),
      pods: known(this.#pods),
    };
  }

  #changed(): void {
    for (const check of this.#waiting) check();
    if (this.#shown) this.#timer ??= setTimeout(this.#redraw, this.#screen.live ? LIVE_MS : PLAIN_MS);
  }

  readonly #redraw = () => {
    try {
      this.#draw();
    } catch (error) {
      this.#lifetime.fail(error);
    }
  };

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#view(this.#observed(), this.#screen.viewport);
    if (this.#screen.live) {
      this.#screen.draw(lines);
      return;
    }
    const text = lines.join('\n');
    if (text === this.#printed) return;
    this.#screen.printStyled(['', ...lines]);
    this.#printed = text;
  }

  async #stop(): Promise<void> {
    process.stdout.off('resize', this.#redraw);
    clearTimeout(this.#timer);
    this.#shown = false;
    await Promise.all(this.#watched.map((each) => each.stop()));
  }
}
