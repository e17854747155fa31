import { createLogUpdate } from 'log-update';
import {
  type ApiClient,
  customResourceOf,
  Informer,
  type ResourceType,
  type StoredObject,
} from '../../operator/index.ts';
import { type Deployment, RestAPI } from '../../resources/index.ts';
import { type Pod, viewOf } from './view.ts';

const DEPLOYMENT: ResourceType = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
const POD: ResourceType = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
/** Everything generated for a RestAPI bears this label. */
const GENERATED = 'restapi.dev/name';
/** Changes that come within this time are drawn together, milliseconds. */
const DRAW_MS = 100;
const DEFAULT_WIDTH = 120;

/** Shows RestAPIs and their components as they are, for as long as it runs: redrawn in place on a terminal, appended elsewhere. */
export class LiveTable {
  readonly #restapis: Informer<StoredObject<RestAPI>>;
  readonly #deployments: Informer<StoredObject<Deployment>>;
  readonly #pods: Informer<StoredObject<Pod>>;
  readonly #footer: readonly string[];
  readonly #update = createLogUpdate(process.stdout, { showCursor: true });
  #timer: NodeJS.Timeout | undefined;
  #drawn = '';

  /** @param footer lines under the table: what to try */
  constructor(client: ApiClient, namespace: string | undefined, footer: readonly string[]) {
    const common = { client, namespace };
    this.#restapis = new Informer<StoredObject<RestAPI>>({ ...common, type: customResourceOf(RestAPI) });
    this.#deployments = new Informer<StoredObject<Deployment>>({
      ...common,
      type: DEPLOYMENT,
      labelSelector: GENERATED,
    });
    this.#pods = new Informer<StoredObject<Pod>>({ ...common, type: POD, labelSelector: GENERATED });
    this.#footer = footer;
  }

  /** Starts to watch. @returns when everything has been read once */
  async start(signal: AbortSignal): Promise<void> {
    const informers = [this.#restapis, this.#deployments, this.#pods];
    for (const informer of informers) {
      informer.subscribe(() => {
        this.#timer ??= setTimeout(() => this.#draw(), DRAW_MS);
      });
      informer.start();
    }
    await Promise.all(informers.map((informer) => informer.synced(signal)));
    this.#draw();
    process.stdout.on('resize', this.#onResize);
  }

  /** Resolves when the RestAPI is ready. @throws the signal's reason */
  async ready(namespace: string, name: string, signal: AbortSignal): Promise<void> {
    const isReady = () => {
      const api = this.#restapis.get(namespace, name);
      return api?.status?.phase === 'Ready' && api.status.observedGeneration === api.metadata.generation;
    };
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => finish(() => reject(signal.reason));
      const finish = (settle: () => void) => {
        unsubscribe();
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const unsubscribe = this.#restapis.subscribe(() => isReady() && finish(resolve));
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      else if (isReady()) finish(resolve);
    });
  }

  /** Draws once more what is now, and stops. */
  async stop(): Promise<void> {
    process.stdout.off('resize', this.#onResize);
    if (this.#timer) this.#draw();
    this.#update.done();
    await Promise.all([this.#restapis.stop(), this.#deployments.stop(), this.#pods.stop()]);
  }

  readonly #onResize = () => this.#draw();

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { isTTY, columns = DEFAULT_WIDTH } = process.stdout;
    const look = { width: columns, colour: Boolean(isTTY) && !process.env.NO_COLOR };
    const observed = {
      restapis: this.#restapis.list(),
      deployments: this.#deployments.list(),
      pods: this.#pods.list(),
    };
    const lines = viewOf(observed, look);
    if (isTTY) {
      this.#update([...lines, '', ...this.#footer].join('\n'));
      return;
    }
    const text = lines.join('\n');
    if (text === this.#drawn) return;
    // What to try need not be said again with every change.
    process.stdout.write(`${text}\n${this.#drawn === '' ? `\n${this.#footer.join('\n')}\n` : ''}\n`);
    this.#drawn = text;
  }
}
