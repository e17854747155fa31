import type { JsonPatchOperation, StoredObject } from '../../../operator/index.ts';
import type { ContainerAmounts } from '../../../resources/model/resized.ts';
import type { Pod } from '../../workload/pod.ts';
import { truncate } from '../../workload/truncate.ts';

/** The fields of a pod that resizing needs. */
export interface ResizablePod extends Pod {
  spec: { nodeName?: string; containers: { name: string; resources?: ContainerAmounts }[] };
}

/** Why the resources of a pod differ from the recommendation. */
export interface Refusal {
  pod: string;
  /**
   * Infeasible: its node is too small. Deferred: its node has no room now. Error: the resize failed.
   * NoRequests: it has no requests, and Kubernetes does not allow adding them to a running pod.
   */
  reason: 'Infeasible' | 'Deferred' | 'Error' | 'NoRequests';
  message: string;
}

/** The longest quoted message, in characters. */
const QUOTED = 200;

/** Why the node of a pod has not done the last resize; undefined: it is done or in progress. */
export function nodeRefusal({ metadata, status = {} }: StoredObject<ResizablePod>): Refusal | undefined {
  const condition = (type: string) => status.conditions?.find((one) => one.type === type && one.status === 'True');
  const pending = condition('PodResizePending');
  const progress = condition('PodResizeInProgress');
  const pod = metadata.name;
  if (pending?.reason === 'Infeasible') {
    const advice = 'lower maxAllowed, or use mode Rolling so that the scheduler can choose a larger node';
    return { pod, reason: 'Infeasible', message: `its node is too small${said(pending.message)}: ${advice}` };
  }
  if (pending) {
    return {
      pod,
      reason: 'Deferred',
      message: `its node has not enough free resources now${said(pending.message)}; the resize is deferred until it has`,
    };
  }
  if (progress?.reason === 'Error') {
    return { pod, reason: 'Error', message: `its node failed to resize it${said(progress.message)} and retries` };
  }
  return undefined;
}

/**
 * The JSON patch for the subresource `resize` of a pod. The API server refuses it with 422 if the pod was replaced or its
 * resources changed meanwhile.
 */
export function resizePatch(
  { metadata, spec }: StoredObject<ResizablePod>,
  container: string,
  resources: ContainerAmounts,
): JsonPatchOperation[] {
  const index = spec.containers.findIndex(({ name }) => name === container);
  const path = `/spec/containers/${index}`;
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path: `${path}/name`, value: container },
    { op: 'test', path: `${path}/resources`, value: spec.containers[index]?.resources ?? {} },
    { op: 'replace', path: `${path}/resources`, value: resources },
  ];
}

function said(message: string | undefined): string {
  return message ? ` (${truncate(message, QUOTED)})` : '';
}
