import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from '../../../operator/testkit/index.ts';
import { createOperator } from '../../../src/create-operator.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { LogTail } from '../../support/log-tail.ts';
import type { OperatorCluster, OperatorProcess, SpawnOptions } from '../../support/operator-cluster.ts';

/** How long a killed operator can still send, milliseconds: about as long as a process takes to end after SIGKILL. */
const LAST_BREATH_MS = 5;

/** The operator from a start to a violent end. */
export interface Life {
  /** Kills it. When this resolves, nothing that it sends reaches the server any more. */
  end(): Promise<unknown>;
}

/** Starts lives of the operator for one namespace, one after the other. */
export interface Lives extends AsyncDisposable {
  begin(): Promise<Life>;
}

/** Lives that are processes of their own and end by SIGKILL. A start alone takes 0.3 s of processor time, even if compiled. */
export class Processes implements Lives {
  readonly #world: OperatorCluster;
  readonly #namespace: string;
  readonly #proxy: FaultProxy;

  constructor(world: OperatorCluster, namespace: string, proxy: FaultProxy) {
    this.#world = world;
    this.#namespace = namespace;
    this.#proxy = proxy;
  }

  async begin(): Promise<Life> {
    const flags = ['--namespaces', this.#namespace];
    const operator = await spawnBundled(this.#world, { kubeConfig: this.#proxy.kubeConfig, flags });
    return { end: () => operator.end('SIGKILL') };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/**
 * Lives in this process. Each is an operator of its own, which begins with nothing but what the server holds: no module keeps
 * state. It ends by losing the server for good, which is all that the cluster notices of a SIGKILL: its connections are reset,
 * and nothing follows.
 */
export class InThisProcess implements Lives {
  readonly #namespace: string;
  readonly #proxy: FaultProxy;
  readonly #log = new LogTail();
  readonly #dead = new Set<string | undefined>();
  readonly #stopping: Promise<unknown>[] = [];
  #number = 0;

  constructor(_world: OperatorCluster, namespace: string, proxy: FaultProxy) {
    this.#namespace = namespace;
    this.#proxy = proxy;
    proxy.rule({ match: ({ headers }) => this.#dead.has(headers.authorization), fault: { kind: 'cut-before' } });
  }

  async begin(): Promise<Life> {
    const token = `life-${this.#number++}`;
    const operator = createOperator({
      kubeConfig: this.#proxy.kubeConfigFor({ token }),
      namespaces: [this.#namespace],
      logger: this.#log.loggerOf(token),
    });
    let failure: unknown;
    operator.start().catch((error: unknown) => {
      failure = error;
    });
    const end = async () => {
      if (failure !== undefined) throw new Error(`the operator did not start:\n${this.#log}`, { cause: failure });
      await sleep(LAST_BREATH_MS);
      this.#dead.add(`Bearer ${token}`);
      this.#proxy.killConnections();
      // What is left of it in this process; the next life does not wait for that.
      this.#stopping.push(operator.stop(0));
    };
    return { end };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#stopping);
  }
}

/** Has the operator's file compiled for all that start later: only an operator that ends by itself leaves that behind. */
export async function compileOperator(world: OperatorCluster): Promise<void> {
  const operator = await spawnBundled(world, {});
  await operator.says('Started handling events');
  await operator.end('SIGTERM');
}

/** The bundled file, compiled once, starts in a third of the time; with room for what is made at the start, in a sixth less. */
function spawnBundled(world: OperatorCluster, options: SpawnOptions): Promise<OperatorProcess> {
  return world.spawnOperator({
    runtime: [process.execPath, '--min-semi-space-size=64', '--max-semi-space-size=64'],
    main: join(packageRoot(), 'dist', 'bundle', 'restapi-operator.mjs'),
    ...options,
  });
}
