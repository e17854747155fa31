import type { ControlPlane } from '../../../operator/testkit/index.ts';
import { mustRunKubectl } from './must-run-kubectl.ts';

/**
 * Returns `IP:PORT` of a Service's first port, for `cluster.forward()` and `cluster.connect()`. A ClusterIP stays the same for the
 * life of a Service, so each new connection goes to the pods that the Service selects then.
 *
 * @throws Error when there is no such Service
 */
export async function serviceAddress(cluster: ControlPlane, name: string, namespace = 'default'): Promise<string> {
  const path = '{.spec.clusterIP}:{.spec.ports[0].port}';
  return mustRunKubectl(cluster, ['get', 'service', name, '-n', namespace, '-o', `jsonpath=${path}`]);
}
