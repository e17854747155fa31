import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Application } from './application.ts';
import { controllerRoutes } from './controller.ts';
import { FaultPlayer } from './faults.ts';
import { GracefulDrain } from './graceful-drain.ts';
import { createHttpPort, type HttpPort } from './http-port.ts';
import { type Log, logWith } from './log.ts';
import { modelRoutes } from './model.ts';
import { NextComponent } from './next-component.ts';
import { repositoryRoutes } from './repository.ts';
import type { Route } from './route.ts';
import type { Settings } from './settings.ts';
import { startTracing } from './start-tracing.ts';
import { databaseIn, Store } from './store.ts';
import type { Tracing } from './tracing.ts';
import { viewRoutes } from './view.ts';

export interface StartOptions {
  /** The variables that enable tracing. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Default: standard output. */
  log?: Log;
}

/** A running component. */
export class Component implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #log: Log;
  readonly #port: HttpPort;
  readonly #drain: GracefulDrain;
  readonly #tracing: Tracing;
  readonly #faults: FaultPlayer;
  readonly #next: NextComponent | undefined;
  readonly #store: Store | undefined;

  private constructor(settings: Settings, log: Log, tracing: Tracing, store: Store | undefined) {
    this.#settings = settings;
    this.#log = log;
    this.#tracing = tracing;
    this.#store = store;
    this.#next = settings.next && new NextComponent(settings.next);
    this.#faults = new FaultPlayer(settings.faults, log);
    const application = new Application(settings, this.#routes(), { log, tracing, faults: this.#faults });
    this.#port = createHttpPort((request, response) => void application.serve(request, response));
    this.#drain = new GracefulDrain(this.#port.http1, this.#port.http2);
  }

  /**
   * Starts a component. Resolves when it accepts connections.
   * @throws Error that says what to change
   */
  static async start(settings: Settings, { env = {}, log }: StartOptions = {}): Promise<Component> {
    const { component, version, pod, dataFolder, journalMode } = settings;
    const ownLog = log ?? logWith({ component, version, pod });
    const file = component === 'repository' ? databaseIn(dataFolder) : undefined;
    const store = file && (await Store.open(file, journalMode));
    const tracing = await startTracing(env, { name: `shop-${component}`, version });
    const started = new Component(settings, ownLog, tracing, store || undefined);
    started.#port.listening.listen(settings.port);
    await once(started.#port.listening, 'listening');
    ownLog('Serving', { port: started.port, next: settings.next?.url, database: file });
    return started;
  }

  get port(): number {
    return (this.#port.listening.address() as AddressInfo).port;
  }

  /** Lets all connections move to other pods, then stops. @returns the number of connections that were cut off */
  async drain(): Promise<number> {
    this.#log('Draining', { connections: this.#drain.open });
    const left = await this.#drain.run(this.#settings.drain);
    this.#log('Stopping', { connections: left });
    await this[Symbol.asyncDispose]();
    return left;
  }

  /** Stops at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#port.listening.close();
    this.#port.http1.closeAllConnections();
    this.#faults[Symbol.dispose]();
    this.#next?.close();
    await this.#tracing.stop();
    this.#store?.[Symbol.dispose]();
  }

  #routes(): Route[] {
    const { component, theme, currency, version } = this.#settings;
    if (this.#store) return repositoryRoutes(this.#store);
    if (!this.#next) return [];
    if (component === 'view') return viewRoutes(this.#next, { theme, currency, version });
    return component === 'controller' ? controllerRoutes(this.#next) : modelRoutes(this.#next);
  }
}
