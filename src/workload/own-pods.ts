import type { KubernetesObject, StoredObject } from '../../operator/index.ts';
import { COMPONENTS, ENVIRONMENTS, type RestAPI } from '../../resources/index.ts';
import { COMPONENT_LABEL, ENVIRONMENT_LABEL } from '../../resources/model/labels.ts';
import { environmentObjectName } from '../../resources/model/object-names.ts';

/** The Deployment controller sets it on ReplicaSets and their pods, and ends the name of the ReplicaSet with it. */
const TEMPLATE_HASH = 'pod-template-hash';

/**
 * Whether a pod was created for the Deployment of this name: its controller is the ReplicaSet `<deployment>-<hash>`, with
 * the hash that the pod is labelled with. Labels alone are no proof: users may give them to a pod of their own, such as
 * a copy for debugging. ReplicaSets need not be read for it. The Deployment controller names them so, and names are
 * unique in a namespace; an owner reference that names another owner than its uid is removed by the garbage collector,
 * together with the pod; and the whole name is compared, so that `shop-model` does not get the pods of `shop-model-2`.
 */
export function isPodOf({ metadata }: KubernetesObject, deployment: string): boolean {
  const hash = metadata?.labels?.[TEMPLATE_HASH];
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  return (
    hash !== undefined &&
    owner?.kind === 'ReplicaSet' &&
    owner.apiVersion.startsWith('apps/') &&
    owner.name === `${deployment}-${hash}`
  );
}

/** Whether a pod was created for a Deployment of a RestAPI. */
export function isOwnPod(api: RestAPI, pod: StoredObject): boolean {
  const { [COMPONENT_LABEL]: component, [ENVIRONMENT_LABEL]: environment } = pod.metadata.labels ?? {};
  const ofComponent = COMPONENTS.find((name) => name === component);
  const ofEnvironment = ENVIRONMENTS.find((name) => name === environment);
  if (!ofComponent || !ofEnvironment) return false;
  return isPodOf(pod, environmentObjectName(api, ofComponent, ofEnvironment));
}

/** Returns those of the pods labelled as a RestAPI's that were created for its Deployments. */
export function ownPods<P extends StoredObject>(api: RestAPI, pods: readonly P[]): P[] {
  return pods.filter((pod) => isOwnPod(api, pod));
}
