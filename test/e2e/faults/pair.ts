import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Operator } from '../../../operator/index.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/index.ts';
import { createOperator, OPERATOR_NAME } from '../../../src/create-operator.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';
import { LogTail } from '../../support/log-tail.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';

const SAMPLE_MS = 20;
const HANDOVER_MS = 2_000;

/** One of two operators of a pair, behind a proxy of its own. */
export interface Member {
  /** `NAMESPACE/a` or `NAMESPACE/b`: its identity in the election, and the end of its User-Agent in the audit log. */
  readonly id: string;
  readonly proxy: FaultProxy;
  readonly operator: Operator;
  /** It has been stopped, or cut off for good, by the test. */
  gone: boolean;
}

/** Who led from when on, milliseconds of the epoch. */
export interface Lead {
  at: number;
  leaders: string[];
}

/**
 * Two operators with leader election that serve one namespace, in this process, each by a fault proxy of its own which passes
 * the shipped ServiceAccount's credentials on. Many pairs run side by side on one cluster, each with its Lease in its own
 * namespace and with the rights that kustomize/components/namespaced gives.
 */
export class Pair implements AsyncDisposable {
  readonly namespace: string;
  /** The one that leads at first. */
  readonly a: Member;
  readonly b: Member;
  readonly log: LogTail;
  /** Every change of who leads, sampled from both operators in one turn of the event loop. */
  readonly leads: Lead[] = [];
  readonly #sampler: NodeJS.Timeout;

  private constructor(namespace: string, a: Member, b: Member, log: LogTail) {
    this.namespace = namespace;
    this.a = a;
    this.b = b;
    this.log = log;
    this.#sample();
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Starts both, the first one as leader. The namespace and {@link rightsIn} it must be there. */
  static async start(world: OperatorCluster, namespace: string): Promise<Pair> {
    const log = new LogTail();
    const member = async (letter: string): Promise<Member> => {
      const id = `${namespace}/${letter}`;
      const proxy = await startFaultProxy(world.operatorConfig, { userAgentSuffix: id });
      const operator = createOperator({
        kubeConfig: proxy.kubeConfig,
        namespaces: [namespace],
        leaderElection: { namespace, name: OPERATOR_NAME, identity: id },
        logger: log.loggerOf(letter),
      });
      return { id, proxy, operator, gone: false };
    };
    const [a, b] = [await member('a'), await member('b')];
    const pair = new Pair(namespace, a, b, log);
    try {
      await a.operator.start();
      await eventually(() => a.operator.leading, { timeoutMs: 180_000, everyMs: 20, what: `${a.id} leads` });
      await b.operator.start();
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
    return pair;
  }

  get members(): Member[] {
    return [this.a, this.b];
  }

  /** The members that consider themselves leader. */
  get leaders(): Member[] {
    return this.members.filter(({ operator }) => operator.leading);
  }

  /** Ends a member as SIGTERM does: it releases the Lease. */
  async retire(member: Member): Promise<void> {
    member.gone = true;
    await member.operator.stop(HANDOVER_MS);
  }

  /** Disconnects a member's node permanently: none of its requests reaches the server any more. */
  async crash(member: Member): Promise<void> {
    member.gone = true;
    await member.proxy.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sampler);
    await Promise.all(
      this.members.map(async ({ operator, proxy }) => {
        await operator.stop(0);
        await proxy.stop();
      }),
    );
  }

  #sample(): void {
    const leaders = this.leaders.map(({ id }) => id);
    const last = this.leads.at(-1);
    if (last?.leaders.join() !== leaders.join()) this.leads.push({ at: Date.now(), leaders });
  }
}

/**
 * What gives the shipped ServiceAccount its rights in a namespace and a Lease there: the Role and RoleBinding of
 * kustomize/base, and the RoleBinding of kustomize/components/namespaced.
 */
export async function rightsIn(namespace: string): Promise<object[]> {
  const files = ['base/role.yaml', 'base/role-binding.yaml', 'components/namespaced/role-binding.yaml'];
  return Promise.all(
    files.map(async (file) => {
      const object = parse(await readFile(join(packageRoot(), 'kustomize', file), 'utf8'));
      return { ...object, metadata: { ...object.metadata, namespace } };
    }),
  );
}

/** Takes from the operator the rights in all namespaces, as kustomize/components/namespaced does. */
export async function limitToNamespaces(world: OperatorCluster): Promise<void> {
  await world.kubectl('delete', 'clusterrolebinding', OPERATOR_NAME);
}
