import type { KubernetesObject, StoredObject } from '../../operator/index.ts';
import type { Deployment, RestAPI, Service } from '../../resources/index.ts';

/** What of a pod is shown. */
export interface Pod extends KubernetesObject {
  status?: {
    phase?: string;
    reason?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: {
      restartCount?: number;
      state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string } };
    }[];
  };
}

/** What the table is made from. `undefined`: not known (yet), for example for lack of the right to read it. */
export interface Observed {
  restapis: readonly StoredObject<RestAPI>[];
  deployments: readonly StoredObject<Deployment>[] | undefined;
  services: readonly StoredObject<Service>[] | undefined;
  pods: readonly StoredObject<Pod>[] | undefined;
}
