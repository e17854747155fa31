import type { KubeConfig } from '@kubernetes/client-node';
import type { LeaderElectionOptions } from '../../../operator/leader/election-options.ts';
import { LeaderElector } from '../../../operator/leader/leader-elector.ts';
import type { Lease } from '../../../operator/leader/lease.ts';
import type { ControlPlane } from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';

export const LEASE = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
} as const;
export const NAMESPACE = 'restapi-system';

/** Short enough for a test, long enough for a loaded machine. */
export const QUICK = { leaseDurationSeconds: 6, renewDeadlineMs: 4_500, retryMs: 400 };

/** A lease that nobody waits out in a test. */
export const LONG = { leaseDurationSeconds: 120, renewDeadlineMs: 60_000, retryMs: 400 };

/** One candidate with what it said and when it led. */
export class Candidate {
  readonly identity: string;
  readonly elector: LeaderElector;
  readonly log: string[] = [];
  readonly terms: number[] = [];
  readonly #client: ApiClient;
  #stopped = false;

  constructor(identity: string, kubeConfig: KubeConfig, options: Partial<LeaderElectionOptions> = {}) {
    this.identity = identity;
    this.#client = new ApiClient({ kubeConfig, userAgent: identity });
    const at = (level: string) => (message: string, fields?: object) => {
      this.log.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
    };
    const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
    this.elector = new LeaderElector(
      this.#client,
      { namespace: NAMESPACE, name: 'restapi-operator', identity, ...QUICK, ...options },
      { onStartedLeading: () => this.terms.push(this.elector.term ?? -1), onStoppedLeading: () => {} },
      logger as never,
    );
    this.elector.start();
  }

  get leads(): boolean {
    return this.elector.mayWrite;
  }

  /** Lines of the log with this text. */
  said(text: string): string[] {
    return this.log.filter((line) => line.includes(text));
  }

  /** Ends as at SIGTERM. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.elector.stop();
    await this.#client.close();
  }

  /** Ends as by kill -9: the Lease stays as it is. */
  async crash(): Promise<void> {
    await this.#client.close();
    await this.stop();
  }
}

/** Looks all the time whether more than one may write, or a term is led twice. */
export class OneLeader implements Disposable {
  readonly violations: string[] = [];
  readonly #timer: NodeJS.Timeout;
  #candidates: () => readonly Candidate[];

  constructor(candidates: () => readonly Candidate[]) {
    this.#candidates = candidates;
    this.#timer = setInterval(() => this.#look(), 2);
  }

  #look(): void {
    const leaders = this.#candidates().filter(({ leads }) => leads);
    if (leaders.length < 2) return;
    this.violations.push(leaders.map(({ identity, elector }) => `${identity} ${elector.term}`).join(' and '));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The stored Lease, and manual changes of it. */
export class StoredLease {
  readonly #client: ApiClient;

  constructor(cluster: ControlPlane) {
    this.#client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  }

  get(): Promise<Lease> {
    return this.#client.get(LEASE, NAMESPACE, 'restapi-operator') as Promise<Lease>;
  }

  patch(change: object): Promise<Lease> {
    return this.#client.mergePatch(LEASE, NAMESPACE, 'restapi-operator', change) as Promise<Lease>;
  }

  create(spec: Lease['spec']): Promise<Lease> {
    return this.#client.create(LEASE, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'restapi-operator', namespace: NAMESPACE },
      spec,
    } as Lease);
  }

  /** Deletes it if it is there. */
  async delete(): Promise<void> {
    await this.#client.delete(LEASE, NAMESPACE, 'restapi-operator').catch(() => {});
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
