import type { ObservedComponent } from '../../../src/blue-green/observed.ts';

/** A ConfigMap that a pod template names. */
export interface NamedConfigMap {
  name: string;
  optional?: boolean;
}

/** Pods of one pod template. */
export interface Pods {
  /** What they were created from: image, and whatever else a pod template consists of. */
  image: string;
  count: number;
  available: boolean;
  /** Whether they were available, and their containers then crashed. */
  failing?: boolean;
}

/** A Deployment of the model. */
export interface ModelDeployment {
  revision: string | undefined;
  /** The image, and whatever else its pod template consists of. */
  image: string;
  /** Hash of the referenced objects in its pod template. */
  referencesHash: string | undefined;
  /** The ConfigMaps in its pod template. */
  configMaps: NamedConfigMap[];
  replicas: number;
  asked: number | undefined;
  /** The newest last. */
  pods: Pods[];
  /** Pods that are terminating. */
  ending: number;
}

/** What the operator sees of a Deployment. */
export function observedComponent(deployment: ModelDeployment): ObservedComponent {
  const { revision, referencesHash, replicas, asked, image, pods, ending } = deployment;
  const available = sum(pods.filter((one) => one.available));
  return {
    revision,
    referencesHash,
    replicas,
    asked,
    available,
    updated: sum(pods.filter((one) => one.available && one.image === image)),
    ready: available,
    pods: sum(pods) + ending,
    failing: sum(pods.filter((one) => one.failing && !one.available)),
    settled: pods.every((one) => one.image === image) && sum(pods) >= replicas,
  };
}

/** Counts pods. */
export function sum(pods: readonly Pods[]): number {
  return pods.reduce((total, { count }) => total + count, 0);
}
