import type { OperatorCluster } from '../../support/operator-cluster.ts';

/** Where it is: the pod's name and namespace, the container's name. */
export interface PlayedContainer {
  pod: string;
  namespace?: string;
  container: string;
}

/**
 * Plays what a kubelet says of a pod whose only container does not run.
 *
 * @param said of the container's status: state, lastState, restartCount
 */
export async function playContainer(
  world: OperatorCluster,
  { pod, namespace = 'default', container }: PlayedContainer,
  said: object,
): Promise<void> {
  const notReady = { type: 'Ready', status: 'False', reason: 'ContainersNotReady' };
  const status = {
    conditions: [notReady, { ...notReady, type: 'ContainersReady' }],
    containerStatuses: [
      { name: container, image: 'shop', imageID: '', ready: false, restartCount: 1, started: false, ...said },
    ],
  };
  const patch = JSON.stringify({ status });
  await world.kubectl('patch', 'pod', pod, '-n', namespace, '--subresource=status', '--type=merge', '-p', patch);
}
