import type { Pod } from '../workload/pod.ts';

/** The state of a pod in one word, like the STATUS column of kubectl: the reason of a waiting container, else the phase. */
export function podState({ metadata, status }: Pod): string {
  if (metadata?.deletionTimestamp) return 'Terminating';
  for (const { state } of status?.containerStatuses ?? []) {
    const reason = state?.waiting?.reason ?? state?.terminated?.reason;
    if (reason) return reason;
  }
  if (status?.reason) return status.reason;
  const phase = status?.phase ?? 'Pending';
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type);
  if (phase === 'Pending') {
    const scheduled = condition('PodScheduled');
    return (scheduled?.status === 'False' && scheduled.reason) || phase;
  }
  return phase === 'Running' && condition('Ready')?.status !== 'True' ? 'Unready' : phase;
}
