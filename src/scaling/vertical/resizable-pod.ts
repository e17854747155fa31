import type { JsonPatchOperation, StoredObject } from '../../../operator/index.ts';
import type { ContainerAmounts } from '../../../resources/model/resized.ts';
import type { Pod } from '../../workload/pod.ts';
import { truncate } from '../../workload/truncate.ts';

/** What of a pod its resizing is decided from. */
export interface ResizablePod extends Pod {
  spec: { nodeName?: string; containers: { name: string; resources?: ContainerAmounts }[] };
}

/** Why the resources of a pod are not what they should be. */
export interface Refusal {
  pod: string;
  /**
   * Infeasible: its node will never have as much. Deferred: it has not now. Error: it could not be done.
   * NoRequests: it requests nothing, which Kubernetes does not let a running pod change.
   */
  reason: 'Infeasible' | 'Deferred' | 'Error' | 'NoRequests';
  message: string;
}

/** The longest text of somebody else that is passed on, in characters. */
const QUOTED = 200;

/** What the node of a pod says to the resize that was asked for last; undefined: it was done, or is being done. */
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
 * What the subresource `resize` of a pod is patched with (JSON patch). Refused by the API server with 422 if it is
 * another pod of that name by now, or its resources are not as they were found.
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
