import { type KubernetesObject, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import type { ControlPlane } from '../../../operator/testkit/index.ts';

/** What a person does to a cluster: by another client than the operator's, and without a kubectl for each of many changes. */
export class Admin {
  readonly #api: KubernetesObjectApi;

  constructor(cluster: ControlPlane) {
    this.#api = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
  }

  async create(...objects: object[]): Promise<void> {
    for (const object of objects) await this.#api.create(object as KubernetesObject);
  }

  /** Merges a patch into an object, which the patch names. */
  async patch(patch: object): Promise<void> {
    const none = undefined;
    await this.#api.patch(patch as KubernetesObject, none, none, none, none, PatchStrategy.MergePatch);
  }

  async delete(object: object): Promise<void> {
    await this.#api.delete(object as KubernetesObject);
  }

  async exists(object: object): Promise<boolean> {
    try {
      await this.#api.read(object as never);
      return true;
    } catch {
      return false;
    }
  }
}
