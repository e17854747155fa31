import type { KubeConfig } from '@kubernetes/client-node';
import { isFencedOff, isNotFound, type KubernetesObject, type StoredObject } from '../../../operator/index.ts';
import { type Lease, nextTerm, termOf } from '../../../operator/leader/lease.ts';
import type { ControlPlane } from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { overlay } from '../../e2e/deploy/overlays.ts';
import { established } from '../../support/established.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';
import { sample } from '../../support/operator-cluster.ts';
import { StoredLease } from './candidates.ts';
import { HeldWire } from './held-wire.ts';

const NAMESPACE = 'restapi-system';
const ACCOUNT = 'restapi-operator';
const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const REST_API = { group: 'restapi.dev', version: 'v1alpha1', kind: 'RestAPI', plural: 'restapis', namespaced: true };

/** The marks of generated objects: the operator's account may write no others. */
const GENERATED = {
  labels: { 'app.kubernetes.io/managed-by': 'restapi-operator' },
  ownerReferences: [
    { apiVersion: 'restapi.dev/v1alpha1', kind: 'RestAPI', name: 'shop', uid: 'shop-uid', controller: true },
  ],
};

/** What a leader of before may have on the wire. */
export const STALE_WRITES = ['create', 'update', 'status', 'delete'] as const;
type StaleWrite = (typeof STALE_WRITES)[number];

/** One operator's process, as the API server sees it. */
export interface Writer {
  identity: string;
  client: ApiClient;
  wire: HeldWire;
}

export interface Play {
  /** What the operators' tokens contain. */
  tokens: 'of pods' | 'of nobody';
  /** What the stale write is bound to. */
  preconditions: 'none' | 'uid and version';
  /** Whether the new leader writes the same object before the stale write is let go. */
  newer: boolean;
}

/** What became of held writes. */
export class Tally {
  readonly played = zeros();
  readonly landed = zeros();
  /** Refusals that are not the fence's. */
  readonly otherRefusals: string[] = [];
  /** From the answer to the take of the Lease to the first write of its new holder that was let through, milliseconds. */
  readonly lagMs: number[] = [];

  words(): string {
    const sorted = this.lagMs.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(1);
    const landed = JSON.stringify(this.landed);
    return `landed ${landed}; new holder let through after ${at(0.5)} ms (median), ${at(0.99)} ms (p99), ${at(1)} ms (max)`;
  }
}

function zeros(): Record<StaleWrite, number> {
  return { create: 0, update: 0, status: 0, delete: 0 };
}

/** A real API server with all of overlays/prod, and two operators of it whose writes can be held on the wire. */
export class FencedCluster implements AsyncDisposable {
  readonly #cluster: ControlPlane;
  readonly #admin: ApiClient;
  readonly #lease: StoredLease;
  readonly #writers = new Map<Play['tokens'], [Writer, Writer]>();
  #round = 0;

  private constructor(cluster: ControlPlane) {
    this.#cluster = cluster;
    this.#admin = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
    this.#lease = new StoredLease(cluster);
  }

  /** Takes over the cluster, which goes when this does. */
  static async on(cluster: ControlPlane): Promise<FencedCluster> {
    const fenced = new FencedCluster(cluster);
    try {
      await fenced.#install();
      return fenced;
    } catch (error) {
      await fenced[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #install(): Promise<void> {
    await kubectl(this.#cluster, ['apply', '-k', overlay('prod')]);
    await established(this.#cluster, 'restapis.restapi.dev');
    const unbound = await this.#cluster.serviceAccountKubeConfig(NAMESPACE, ACCOUNT);
    const bound = await Promise.all(['operator-a', 'operator-b'].map((name) => this.#podCredentials(name)));
    const writer = async (identity: string, credentials: KubeConfig): Promise<Writer> => {
      const wire = await HeldWire.to(this.#cluster.server);
      return { identity, wire, client: new ApiClient({ kubeConfig: wire.through(credentials), userAgent: identity }) };
    };
    const pair = async (of: KubeConfig[]): Promise<[Writer, Writer]> => [
      await writer('operator-a_1', of[0] as KubeConfig),
      await writer('operator-b_1', of[1] as KubeConfig),
    ];
    this.#writers.set('of pods', await pair(bound));
    this.#writers.set('of nobody', await pair([unbound, unbound]));
    await kubectl(this.#cluster, ['apply', '-f', '-'], JSON.stringify(sample('shop')));
    await this.give(this.writers('of pods')[0]);
    await this.#untilFenced(true);
  }

  /** A token as the kubelet gives it to a pod of the operator. */
  async #podCredentials(name: string): Promise<KubeConfig> {
    const container = {
      name: 'operator',
      image: 'operator',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    };
    const pod = await this.#admin.create<StoredObject>(
      { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: NAMESPACE },
        spec: {
          serviceAccountName: ACCOUNT,
          securityContext: { runAsNonRoot: true, runAsUser: 1, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [container],
        },
      } as never,
    );
    return this.#cluster.serviceAccountKubeConfig(NAMESPACE, ACCOUNT, 3600, { name, uid: pod.metadata.uid });
  }

  writers(tokens: Play['tokens']): [Writer, Writer] {
    const pair = this.#writers.get(tokens);
    if (!pair) throw new Error(`no writers with tokens ${tokens}`);
    return pair;
  }

  /** Gives the Lease to another operator in the next term, as if it had expired. */
  async give({ identity }: Writer): Promise<{ term: number }> {
    const lease = await this.#lease.get().catch(() => undefined);
    const term = nextTerm(termOf(lease), new Date());
    const spec: Lease['spec'] = { holderIdentity: identity, leaseDurationSeconds: 15, leaseTransitions: term };
    if (lease) await this.#lease.patch({ spec });
    else await this.#lease.create(spec);
    return { term };
  }

  deleteLease(): Promise<void> {
    return this.#lease.delete();
  }

  /** Applies a ConfigMap as the operator does, with force. */
  apply({ client }: Writer, name: string, term: number, metadata: KubernetesObject['metadata'] = {}): Promise<object> {
    const annotations = { 'restapi.dev/leader-term': `${term}` };
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name, ...GENERATED, ...metadata, annotations },
      data: { term: `${term}` },
    };
    return client.apply(CONFIG_MAP, object, { fieldManager: ACCOUNT, force: true });
  }

  /** Replaces a term, as any client with the right to write ConfigMaps can. */
  async annotate(name: string, term: string): Promise<void> {
    const metadata = { namespace: 'default', name, annotations: { 'restapi.dev/leader-term': term } };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...GENERATED, ...metadata } };
    await this.#admin.apply(CONFIG_MAP, object, { fieldManager: 'somebody', force: true });
  }

  /**
   * Plays rounds in each of which a write of the leader is held on the wire, the other one takes the Lease, and the write is
   * let go.
   */
  async play(rounds: number, play: Play): Promise<Tally> {
    const tally = new Tally();
    const pair = this.writers(play.tokens);
    for (let i = 0; i < rounds; i++) {
      const [old, young] = this.#round++ % 2 ? [pair[1], pair[0]] : pair;
      await this.#playOne(STALE_WRITES[i % STALE_WRITES.length] as StaleWrite, old, young, play, tally);
    }
    return tally;
  }

  async #playOne(what: StaleWrite, old: Writer, young: Writer, play: Play, tally: Tally): Promise<void> {
    const name = `held-${this.#round}`;
    const { term } = await this.give(old);
    if (what !== 'create') await this.#untilLetThrough(() => this.apply(old, name, term));
    else await this.#untilLetThrough(() => this.apply(old, 'warm', term));
    const write = await this.#prepare(what, name, term, old, play);

    const held = old.wire.hold();
    const outcome = write().then(
      () => 'landed' as const,
      (error: unknown) => error,
    );
    await held;
    const next = await this.give(young);
    const given = performance.now();
    if (play.newer) {
      const newer = () =>
        what === 'status' ? this.#status(young, `${next.term}`) : this.apply(young, name, next.term);
      await this.#untilLetThrough(newer);
      tally.lagMs.push(performance.now() - given);
    } else {
      // Whatever the new leader writes shows that the API server knows of it.
      await this.#untilLetThrough(() => this.apply(young, 'warm', next.term));
    }
    old.wire.release();
    const became = await outcome;
    tally.played[what] += 1;
    if (became === 'landed') tally.landed[what] += 1;
    else if (!isFencedOff(became)) tally.otherRefusals.push(String(became));
    await this.#admin.delete(CONFIG_MAP, 'default', name).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  /** The old leader's last read, and the write based on it. */
  async #prepare(
    what: StaleWrite,
    name: string,
    term: number,
    old: Writer,
    play: Play,
  ): Promise<() => Promise<unknown>> {
    const bound = play.preconditions === 'uid and version';
    switch (what) {
      case 'create':
        // A version that no object has: only where there is none, as the operator creates.
        return () => this.apply(old, name, term, bound ? { resourceVersion: '1' } : {});
      case 'status': {
        const { uid, resourceVersion } = (await this.#admin.get<StoredObject>(REST_API, 'default', 'shop')).metadata;
        return () => this.#status(old, 'stale', bound ? { uid, resourceVersion } : {});
      }
      case 'update':
      case 'delete': {
        const { uid, resourceVersion } = (await old.client.get<StoredObject>(CONFIG_MAP, 'default', name)).metadata;
        const conditions = bound ? { uid, resourceVersion } : {};
        if (what === 'update') return () => this.apply(old, name, term, conditions);
        return () => old.client.delete(CONFIG_MAP, 'default', name, bound ? conditions : { uid });
      }
    }
  }

  #status({ client }: Writer, note: string, metadata: object = {}): Promise<object> {
    const condition = {
      type: 'Ready',
      status: 'False',
      reason: 'Played',
      message: note,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const patch = { metadata, status: { conditions: [condition] } };
    return client.mergePatch(REST_API, 'default', 'shop', patch, { subresource: 'status', fieldManager: ACCOUNT });
  }

  /** The policy's copy of the Lease is a little late: then its new holder is refused, too. */
  async #untilLetThrough(write: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await write();
        return;
      } catch (error) {
        if (!isFencedOff(error)) throw error;
      }
    }
  }

  /** Does something while the fence is down. */
  async withoutPolicy(work: () => Promise<void>): Promise<void> {
    const binding = ['validatingadmissionpolicybinding', 'restapi-fence'];
    const setAction = (action: string) =>
      kubectl(this.#cluster, [
        'patch',
        ...binding,
        '--type=merge',
        '-p',
        `{"spec":{"validationActions":["${action}"]}}`,
      ]);
    await setAction('Audit');
    try {
      await this.#untilFenced(false);
      await work();
    } finally {
      await setAction('Deny');
      await this.#untilFenced(true);
    }
  }

  async #untilFenced(fenced: boolean): Promise<void> {
    const [a, b] = this.writers('of pods');
    const { term } = await this.give(a);
    await eventually(
      async () => {
        const refused = await this.apply(b, 'probe', term).then(
          () => false,
          (error: unknown) => isFencedOff(error),
        );
        return refused === fenced;
      },
      { what: fenced ? 'the fence is up' : 'the fence is down', everyMs: 50 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const writer of [...this.#writers.values()].flat()) {
      await writer.client.close();
      await writer.wire[Symbol.asyncDispose]();
    }
    await this.#lease.close();
    await this.#admin.close();
    await this.#cluster.stop();
  }
}
