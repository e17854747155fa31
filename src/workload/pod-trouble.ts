import type { Pod } from './pod.ts';

/** What keeps a pod from running, in Kubernetes' words; undefined if nothing does, or it does not say. */
export function podTrouble({ metadata, status }: Pod): string | undefined {
  if (metadata?.deletionTimestamp) return undefined;
  for (const { state } of status?.containerStatuses ?? []) {
    if (state?.waiting?.message) return state.waiting.message;
  }
  return status?.conditions?.find((each) => each.type === 'PodScheduled' && each.status === 'False')?.message;
}
