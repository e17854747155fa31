import type { StoredObject } from '../../operator/index.ts';
import type { Deployment, RestAPI, Service } from '../../resources/index.ts';
import type { Pod } from '../workload/pod.ts';

/** The objects that the table shows. `undefined`: not listed (yet), for example without the right to list them. */
export interface Observed {
  restapis: readonly StoredObject<RestAPI>[];
  deployments: readonly StoredObject<Deployment>[] | undefined;
  services: readonly StoredObject<Service>[] | undefined;
  pods: readonly StoredObject<Pod>[] | undefined;
}
