import type { ProxiedRequest } from '../../../operator/testkit/fault-proxy.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/index.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';
import type { InThisProcess, Life, Lives, Processes } from './lives.ts';

/** How many writes of each life get through before it is killed at the next one. */
const WRITES_OF_A_LIFE = 2;

/** `cut-before`: it dies before the write leaves. `cut-after-commit`: it dies before it learns that the write was done. */
export type Death = 'cut-before' | 'cut-after-commit';

/**
 * The operator, killed at its writes and restarted, again and again. After they are committed: at each. Before they leave: at
 * the third of each life, which leaves the same states behind as the deaths after a commit and those in between, for half as
 * many lives.
 */
export class KilledOperator implements AsyncDisposable {
  readonly #lives: Lives;
  readonly #proxy: FaultProxy;
  #life: Life;
  /** What it was killed at, as `METHOD path`. */
  readonly kills: string[] = [];
  #death: Death | undefined;
  #written = 0;
  #dying = false;
  #restarting: Promise<void> = Promise.resolve();

  private constructor(lives: Lives, proxy: FaultProxy, life: Life) {
    this.#lives = lives;
    this.#proxy = proxy;
    this.#life = life;
    for (const kind of ['cut-before', 'cut-after-commit'] as const) {
      proxy.rule({ match: (request) => this.#death === kind && this.#dies(request), fault: { kind } });
    }
  }

  /** Starts it for one namespace, to live until `kill`. */
  static async start(
    world: OperatorCluster,
    namespace: string,
    Kind: typeof Processes | typeof InThisProcess,
  ): Promise<KilledOperator> {
    const proxy = await startFaultProxy(world.operatorConfig);
    // Its rules, if any, come before those of the deaths.
    const lives = new Kind(world, namespace, proxy);
    return new KilledOperator(lives, proxy, await lives.begin());
  }

  /** From now on it is killed at its writes in this way; undefined: it may live. */
  kill(death: Death | undefined): void {
    this.#death = death;
    this.#written = 0;
  }

  #dies({ method, path, query }: ProxiedRequest): boolean {
    // An Event may be repeated or lost, since no decision depends on it. A dry run writes nothing.
    if (method === 'GET' || query.has('dryRun') || path.startsWith('/apis/events.k8s.io/')) return false;
    // What leaves between the fatal write and the end of the life goes the same way.
    if (this.#dying) return true;
    if (this.#death === 'cut-before' && this.#written < WRITES_OF_A_LIFE) {
      this.#written += 1;
      return false;
    }
    this.kills.push(`${method} ${path}`);
    this.#dying = true;
    this.#restarting = this.#restart();
    return true;
  }

  async #restart(): Promise<void> {
    await this.#life.end();
    this.#life = await this.#lives.begin();
    this.#written = 0;
    this.#dying = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#death = undefined;
    await this.#restarting;
    await this.#life.end();
    await this.#lives[Symbol.asyncDispose]();
    await this.#proxy.stop();
  }
}
