/** Why a component is not ready, the worst first: what must be fixed before anything else shows. */
export const TROUBLES = {
  FailedCreate:
    'Pods cannot be created, for example because of a quota, an admission policy or a missing ServiceAccount.',
  OOMKilled: 'A container exceeded its memory limit.',
  CrashLoopBackOff: 'A container keeps crashing.',
  ImagePullBackOff: 'An image cannot be pulled.',
  ContainerCannotStart: 'A container cannot be started; the message quotes the kubelet.',
  Unschedulable: 'No node can run a pod.',
  Evicted: 'A pod was evicted from its node.',
  NodeLost: 'The node of a pod is unreachable.',
  NotReady: 'A container runs but fails its readiness probe.',
} as const;

export type TroubleReason = keyof typeof TROUBLES;
