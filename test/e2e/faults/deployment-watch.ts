import { setTimeout as sleep } from 'node:timers/promises';
import { AppsV1Api, type V1Deployment, Watch } from '@kubernetes/client-node';
import type { ControlPlane } from '../../../operator/testkit/index.ts';
import { REFERENCES_HASH } from '../../../resources/model/references.ts';

const RETRY_MS = 100;

/** An observed state of a Deployment. */
export interface DeploymentState {
  at: number;
  namespace: string;
  name: string;
  uid: string;
  /** The last number of the image's tag: 3 for `…:3.0.0`. */
  version: number;
  /** The hash of the Secrets that its pods reference. */
  references: string | undefined;
}

/**
 * Follows all Deployments of a cluster as its administrator, with another client than the operator's. It misses only states
 * that a server did not report before it went away.
 */
export class DeploymentWatch {
  readonly states: DeploymentState[] = [];
  readonly #cluster: ControlPlane;
  readonly #now = new Map<string, DeploymentState>();
  #stopped = false;
  #paused = false;
  #stop: AbortController | undefined;
  #version: string | undefined;

  private constructor(cluster: ControlPlane) {
    this.#cluster = cluster;
  }

  static async start(cluster: ControlPlane): Promise<DeploymentWatch> {
    const watch = new DeploymentWatch(cluster);
    await watch.#list();
    void watch.#run();
    return watch;
  }

  /** The Deployments of a namespace as they are now, by name. */
  now(namespace: string): Map<string, DeploymentState> {
    const own = [...this.#now.values()].filter((state) => state.namespace === namespace);
    return new Map(own.map((state) => [state.name, state]));
  }

  /** Pauses until resume(), then lists again, for a server that gets another history in the meantime. */
  pause(): void {
    this.#paused = true;
    this.#version = undefined;
    this.#stop?.abort();
  }

  resume(): void {
    this.#paused = false;
  }

  stop(): void {
    this.#stopped = true;
    this.#stop?.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        if (this.#paused) throw new Error('paused');
        if (this.#version === undefined) await this.#list();
        await this.#follow();
      } catch {
        // The server is away.
      }
      await sleep(RETRY_MS);
    }
  }

  async #list(): Promise<void> {
    const { items, metadata } = await this.#cluster.kubeConfig
      .makeApiClient(AppsV1Api)
      .listDeploymentForAllNamespaces();
    this.#now.clear();
    for (const item of items) this.#see(item);
    this.#version = metadata?.resourceVersion;
  }

  #follow(): Promise<void> {
    return new Promise((resolve, reject) => {
      new Watch(this.#cluster.kubeConfig)
        .watch(
          '/apis/apps/v1/deployments',
          { resourceVersion: this.#version, allowWatchBookmarks: true },
          (type: string, object: V1Deployment & { code?: number }) => {
            if (this.#paused) return;
            if (type === 'ERROR') {
              this.#version = undefined;
              return;
            }
            this.#version = object.metadata?.resourceVersion;
            if (type === 'DELETED') this.#now.delete(keyOf(object));
            else if (type !== 'BOOKMARK') this.#see(object);
          },
          () => resolve(),
        )
        .then((controller) => {
          this.#stop = controller;
          if (this.#stopped || this.#paused) controller.abort();
        }, reject);
    });
  }

  #see(object: V1Deployment): void {
    const { namespace = '', name = '', uid = '' } = object.metadata ?? {};
    const template = object.spec?.template;
    const image = template?.spec?.containers[0]?.image ?? '';
    const state: DeploymentState = {
      at: Date.now(),
      namespace,
      name,
      uid,
      version: Number(/:(\d+)\.\d+\.\d+$/.exec(image)?.[1] ?? Number.NaN),
      references: template?.metadata?.annotations?.[REFERENCES_HASH],
    };
    this.#now.set(keyOf(object), state);
    this.states.push(state);
  }
}

function keyOf({ metadata }: V1Deployment): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
