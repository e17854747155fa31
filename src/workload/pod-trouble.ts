import type { Pod } from './pod.ts';

/** Kubernetes' own message on why a pod does not run; undefined: there is none. */
export function podTrouble({ metadata, status }: Pod): string | undefined {
  if (metadata?.deletionTimestamp) return undefined;
  for (const { state } of status?.containerStatuses ?? []) {
    if (state?.waiting?.message) return state.waiting.message;
  }
  return status?.conditions?.find((each) => each.type === 'PodScheduled' && each.status === 'False')?.message;
}
