import type { StoredObject } from '../../operator/index.ts';
import type { Deployment, RestAPI, Service } from '../../resources/index.ts';
import type { Pod } from '../workload/pod.ts';

/** What the table is made from. `undefined`: not known (yet), for example for lack of the right to read it. */
export interface Observed {
  restapis: readonly StoredObject<RestAPI>[];
  deployments: readonly StoredObject<Deployment>[] | undefined;
  services: readonly StoredObject<Service>[] | undefined;
  pods: readonly StoredObject<Pod>[] | undefined;
}
