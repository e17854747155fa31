import { ApiClient, regularType, resourcePath, type StoredObject } from '../../../operator/index.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';

const POD = regularType({ apiVersion: 'v1', kind: 'Pod' });

/** What a kubelet, or the node controller in its place, says of a pod. */
export type Played = 'well' | 'crashes' | 'hangs' | 'node lost' | 'out of memory';

/** Says of pods what a kubelet would. */
export class Kubelet implements Disposable {
  readonly #client: ApiClient;

  constructor({ cluster }: OperatorCluster) {
    this.#client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'kubelet' });
  }

  /** The pods that are not on their way out. */
  async pods(selector: string): Promise<StoredObject<Pod>[]> {
    const options = { namespace: 'default', labelSelector: selector };
    const { items } = await this.#client.listAll(POD, options, (pod) => pod as StoredObject<Pod>);
    return items.filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  /** @returns false if the pod is gone */
  async say(pod: StoredObject<Pod>, what: Played, now = new Date()): Promise<boolean> {
    const at = now.toISOString().replace(/\.\d+Z$/, 'Z');
    const { namespace, name } = pod.metadata;
    const condition = (type: string, is: boolean) => ({ type, status: is ? 'True' : 'False', lastTransitionTime: at });
    const others = (pod.status?.conditions ?? []).filter(({ type }) => !['Ready', 'ContainersReady'].includes(type));
    const ready = what === 'well';
    const alive = ready || what === 'node lost';
    const ended = (reason: string, exitCode: number) => ({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { reason, exitCode, message: 'no\ndatabase', startedAt: at, finishedAt: at } },
    });
    const states: Record<Played, object> = {
      well: { state: { running: { startedAt: at } } },
      'node lost': { state: { running: { startedAt: at } } },
      hangs: { state: { running: { startedAt: at } } },
      crashes: ended('Error', 3),
      'out of memory': ended('OOMKilled', 137),
    };
    const container = pod.status?.containerStatuses?.[0]?.name ?? pod.metadata.labels?.['restapi.dev/component'];
    const own = { name: container, image: 'shop', imageID: '', restartCount: 6, started: alive, ready: alive };
    const status = {
      phase: 'Running',
      conditions: [...others, condition('Ready', ready), condition('ContainersReady', alive)],
      containerStatuses: [{ ...own, ...states[what] }],
    };
    const answered = this.#client.request({
      method: 'PATCH',
      path: resourcePath(POD, namespace, name, 'status'),
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid: pod.metadata.uid }, status },
    });
    return answered.then(
      () => true,
      (error: { status?: number }) => {
        if (error.status === 404 || error.status === 409) return false;
        throw error;
      },
    );
  }

  [Symbol.dispose](): void {
    void this.#client.close();
  }
}
