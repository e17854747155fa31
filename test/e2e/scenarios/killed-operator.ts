import { join } from 'node:path';
import type { ProxiedRequest } from '../../../operator/testkit/fault-proxy.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import type { OperatorCluster, OperatorProcess, SpawnOptions } from '../../support/operator-cluster.ts';

/** How many writes of each life get through before it is killed at the next one. */
const WRITES_OF_A_LIFE = 2;

/** `cut-before`: it dies before the write leaves. `cut-after-commit`: it dies before it learns that the write was done. */
export type Death = 'cut-before' | 'cut-after-commit';

/**
 * The operator as a process that is killed at its writes and restarted, again and again. After they are committed: at each.
 * Before they leave: at the third of each life, which leaves the same states behind as the deaths after a commit and those in
 * between, for half as many lives.
 */
export class KilledOperator implements AsyncDisposable {
  readonly #world: OperatorCluster;
  readonly #namespace: string;
  readonly #proxy: FaultProxy;
  #process: OperatorProcess;
  /** What it was killed at, as `METHOD path`. */
  readonly kills: string[] = [];
  #death: Death | undefined;
  #written = 0;
  #dying = false;
  #restarting: Promise<void> = Promise.resolve();

  private constructor(world: OperatorCluster, namespace: string, proxy: FaultProxy, process: OperatorProcess) {
    this.#world = world;
    this.#namespace = namespace;
    this.#proxy = proxy;
    this.#process = process;
    for (const kind of ['cut-before', 'cut-after-commit'] as const) {
      proxy.rule({ match: (request) => this.#death === kind && this.#dies(request), fault: { kind } });
    }
  }

  /** Starts it for one namespace, to live until `kill`. */
  static async start(world: OperatorCluster, namespace: string): Promise<KilledOperator> {
    const proxy = await startFaultProxy(world.operatorConfig);
    return new KilledOperator(world, namespace, proxy, await spawn(world, namespace, proxy));
  }

  /** From now on it is killed at its writes in this way; undefined: it may live. */
  kill(death: Death | undefined): void {
    this.#death = death;
    this.#written = 0;
  }

  #dies({ method, path, query }: ProxiedRequest): boolean {
    // An Event may be repeated or lost, since no decision depends on it. A dry run writes nothing.
    if (method === 'GET' || query.has('dryRun') || path.startsWith('/apis/events.k8s.io/')) return false;
    // What leaves between the fatal write and the end of the process goes the same way.
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
    await this.#process.end('SIGKILL');
    this.#process = await spawn(this.#world, this.#namespace, this.#proxy);
    this.#written = 0;
    this.#dying = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#death = undefined;
    await this.#restarting;
    await this.#process.end('SIGKILL');
    await this.#proxy.stop();
  }
}

/**
 * It starts hundreds of times: the bundled file, compiled once, starts in a third of the time; with room for what is made
 * at the start, so that it is not gone through for garbage, in another sixth less.
 */
function spawn(world: OperatorCluster, namespace: string, { kubeConfig }: FaultProxy): Promise<OperatorProcess> {
  return spawnBundled(world, { kubeConfig, flags: ['--namespace', namespace] });
}

/** Has the operator's file compiled for all that start later: only an operator that ends by itself leaves that behind. */
export async function compileOperator(world: OperatorCluster): Promise<void> {
  const operator = await spawnBundled(world, {});
  await operator.says('Started handling events');
  await operator.end('SIGTERM');
}

function spawnBundled(world: OperatorCluster, options: SpawnOptions): Promise<OperatorProcess> {
  return world.spawnOperator({
    runtime: [process.execPath, '--min-semi-space-size=64', '--max-semi-space-size=64'],
    main: join(packageRoot(), 'dist', 'bundle', 'restapi-operator.mjs'),
    env: { NODE_COMPILE_CACHE: join(world.cluster.dir, 'compiled') },
    ...options,
  });
}
