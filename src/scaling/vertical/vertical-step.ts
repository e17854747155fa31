import type { JsonPatchOperation, StoredObject } from '../../../operator/index.ts';
import { quantityValue } from '../../../operator/schema/index.ts';
import type { Amounts } from '../../../resources/api/resource-amounts.ts';
import {
  type ContainerAmounts,
  quantity,
  resized,
  VERTICAL_RESOURCES,
  type VerticalResource,
} from '../../../resources/model/resized.ts';
import { change } from './change.ts';
import type { Estimate, Recommendation } from './recommendation.ts';
import { nodeRefusal, type Refusal, type ResizablePod, resizePatch } from './resizable-pod.ts';

/**
 * Off: nothing. Recommend: only report. InPlace: running pods are resized without a restart; the pod template stays, so
 * new pods start with its resources and are resized once they run. Rolling: the pod template changes, so all pods are
 * replaced.
 */
export type VerticalMode = 'Off' | 'Recommend' | 'InPlace' | 'Rolling';

/** What the next step is planned from. */
export interface VerticalSituation {
  mode: VerticalMode;
  /** Undefined: nothing is known yet. */
  recommendation: Recommendation | undefined;
  /** The container to scale; other containers stay unchanged. */
  container: string;
  /** Resources of the container in the pod template of the Deployment. */
  template: ContainerAmounts;
  /** The pods of that Deployment. */
  pods: readonly StoredObject<ResizablePod>[];
  /** How many pods may be resized now; for Rolling, more than 0 if a rollout may start. 0 during a rollout. */
  budget: number;
  /**
   * The resources whose utilization the component's autoscaler scales by. They stay unchanged: utilization is a share of
   * the request, so the two would chase each other.
   */
  hpaMetrics: readonly VerticalResource[];
}

/** One pod to resize. */
export interface PodResize {
  name: string;
  uid: string;
  resources: ContainerAmounts;
  /** For the pod's subresource `resize` (JSON patch). */
  patch: JsonPatchOperation[];
}

/** The next step of vertical scaling. */
export type VerticalStep = {
  /** Pods that were not resized, and why; only InPlace. */
  refused: Refusal[];
} & (
  | {
      action: 'None';
      reason: 'Off' | 'NothingKnown' | 'BelongsToAutoscaler' | 'AsRecommended' | 'BudgetSpent' | 'Refused';
    }
  /** `resources`: what the container would get. */
  | { action: 'Recommend'; resources: ContainerAmounts }
  | { action: 'Resize'; pods: PodResize[] }
  /** New requests and resources of the container in the pod template. */
  | { action: 'Roll'; requests: Amounts; resources: ContainerAmounts }
);

/** Plans the next step for the resources of a component. Pure; after the step is done the next one is None. */
export function verticalStep(situation: VerticalSituation): VerticalStep {
  const { mode, recommendation, template, budget, hpaMetrics } = situation;
  const none = (
    reason: Extract<VerticalStep, { action: 'None' }>['reason'],
    refused: Refusal[] = [],
  ): VerticalStep => ({
    action: 'None',
    reason,
    refused,
  });
  if (mode === 'Off') return none('Off');
  if (!recommendation) return none('NothingKnown');
  if (VERTICAL_RESOURCES.every((resource) => hpaMetrics.includes(resource))) return none('BelongsToAutoscaler');
  if (mode === 'InPlace') {
    const { due, refused } = resizes(situation, recommendation);
    if (due.length === 0) return none(refused.length > 0 ? 'Refused' : 'AsRecommended', refused);
    const pods = due.slice(0, Math.max(0, Math.floor(budget)));
    return pods.length > 0 ? { action: 'Resize', pods, refused } : none('BudgetSpent', refused);
  }
  const targets = change(template, recommendation, hpaMetrics);
  if (!targets) return none('AsRecommended');
  const resources = resized(template, targets);
  if (mode === 'Recommend') return { action: 'Recommend', resources, refused: [] };
  return budget >= 1 ? { action: 'Roll', requests: amountsOf(targets), resources, refused: [] } : none('BudgetSpent');
}

function resizes({ container, pods, hpaMetrics }: VerticalSituation, recommendation: Recommendation) {
  const due: PodResize[] = [];
  const refused: Refusal[] = [];
  const running = pods.filter(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase === 'Running');
  for (const pod of [...running].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const found = pod.spec.containers.find(({ name }) => name === container);
    if (!found) continue;
    const current = found.resources ?? {};
    const targets = change(current, recommendation, hpaMetrics);
    const refusal = nodeRefusal(pod);
    if (refusal && (!targets || (refusal.reason === 'Infeasible' && !isLess(targets, current)))) refused.push(refusal);
    else if (targets && isBestEffort(current)) refused.push(noRequests(pod.metadata.name, container));
    else if (targets) {
      const resources = resized(current, targets);
      const { name, uid } = pod.metadata;
      due.push({ name, uid, resources, patch: resizePatch(pod, container, resources) });
    }
  }
  return { due, refused };
}

/** Formats amounts as Kubernetes quantities. */
export function amountsOf(targets: Partial<Estimate>): Amounts {
  return Object.fromEntries(
    VERTICAL_RESOURCES.flatMap((resource) => {
      const target = targets[resource];
      return target === undefined ? [] : [[resource, quantity(resource, target)]];
    }),
  );
}

/** Whether the targets lower something and raise nothing: only then they may fit where the last resize did not. */
function isLess(targets: Partial<Estimate>, { requests = {} }: ContainerAmounts): boolean {
  return VERTICAL_RESOURCES.every((resource) => {
    const [target, has] = [targets[resource], requests[resource]];
    return target === undefined || (has !== undefined && target <= quantityValue(has));
  });
}

function isBestEffort({ requests = {}, limits = {} }: ContainerAmounts): boolean {
  return VERTICAL_RESOURCES.every((resource) => requests[resource] === undefined && limits[resource] === undefined);
}

function noRequests(pod: string, container: string): Refusal {
  const field = `spec.${container}.resources.requests`;
  const message = `it requests neither CPU nor memory, and requests cannot be added to a running pod: set ${field}, or use mode Rolling`;
  return { pod, reason: 'NoRequests', message };
}
