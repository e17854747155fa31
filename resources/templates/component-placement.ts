import type { PodAffinity, PodTerm } from '../api/affinity.ts';
import type { ComponentName } from '../api/rest-api.ts';
import type { Environment } from '../model/environment.ts';
import { podSelector } from '../model/labels.ts';

/** Returns the scheduling fields of the pods of a component. */
export function componentPlacement(environment: Environment, component: ComponentName): object {
  const { nodeSelector, tolerations, affinity, topologySpread } = environment.api.spec[component];
  const labelSelector = { matchLabels: podSelector(environment, component) };
  return {
    nodeSelector,
    tolerations,
    affinity: affinity && {
      nodeAffinity: affinity.nodeAffinity,
      podAffinity: podAffinity(affinity.podAffinity, labelSelector),
      podAntiAffinity: podAffinity(affinity.podAntiAffinity, labelSelector),
    },
    topologySpreadConstraints: topologySpread?.map((spread) => ({
      ...spread,
      labelSelector,
      // During a rollout, old pods do not affect the spread of the new ones.
      matchLabelKeys: ['pod-template-hash'],
    })),
  };
}

function podAffinity(given: PodAffinity | undefined, own: object): object | undefined {
  const term = (pods: PodTerm) => ({ ...pods, labelSelector: pods.labelSelector ?? own });
  return (
    given && {
      requiredDuringSchedulingIgnoredDuringExecution: given.requiredDuringSchedulingIgnoredDuringExecution?.map(term),
      preferredDuringSchedulingIgnoredDuringExecution: given.preferredDuringSchedulingIgnoredDuringExecution?.map(
        ({ weight, podAffinityTerm }) => ({ weight, podAffinityTerm: term(podAffinityTerm) }),
      ),
    }
  );
}
