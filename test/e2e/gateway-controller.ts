import { ApiClient, Informer, type StoredObject } from '../../operator/index.ts';
import type { ControlPlane } from '../../operator/testkit/index.ts';
import type { HTTPRoute } from '../../resources/index.ts';

const HTTP_ROUTE = {
  group: 'gateway.networking.k8s.io',
  version: 'v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
};

/** What a Gateway's controller says of every route. */
export interface RouteVerdict {
  accepted: boolean;
  reason: string;
  message: string;
}

/** Plays the controller of every Gateway: writes the same verdict on each route as often as the route changes. Ends when disposed. */
export class GatewayController implements AsyncDisposable {
  readonly #client: ApiClient;
  readonly #informer: Informer<StoredObject<HTTPRoute>>;

  constructor(cluster: ControlPlane, { accepted, reason, message }: RouteVerdict) {
    this.#client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'gateway-controller' });
    this.#informer = new Informer<StoredObject<HTTPRoute>>({ client: this.#client, type: HTTP_ROUTE });
    this.#informer.subscribe(async ({ type, object }) => {
      const { namespace, name, generation } = object.metadata;
      const [told] = object.status?.parents ?? [];
      const seen = told?.conditions?.[0];
      if (type === 'DELETED' || (seen?.observedGeneration === generation && seen?.reason === reason)) return;
      const about = { observedGeneration: generation, lastTransitionTime: '2026-01-01T00:00:00Z' };
      const conditions = [
        { ...about, type: 'Accepted', status: accepted ? 'True' : 'False', reason, message },
        { ...about, type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: '' },
      ];
      const parents = object.spec.parentRefs.map((parentRef) => ({
        parentRef,
        controllerName: 'example.com/gateway',
        conditions,
      }));
      await this.#client.mergePatch(HTTP_ROUTE, namespace, name, { status: { parents } }, { subresource: 'status' });
    });
    this.#informer.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#informer.stop();
    await this.#client.close();
  }
}

/** The verdict of a Gateway that takes every route. */
export const ACCEPTED: RouteVerdict = { accepted: true, reason: 'Accepted', message: 'taken' };
