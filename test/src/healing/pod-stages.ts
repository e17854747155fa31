/** Pods of this image serve for four seconds and then crash, and go on crashing. */
export const CRASHING = 'registry.example.com/shop:crashes';

/** So much heavier than KWOK's usual stages that these never get their turn. */
const WEIGHT = 1_000_000_000;

/** KWOK configuration that plays them. */
export const CRASH_STAGES = [
  JSON.stringify({
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name: 'pod-crashes' },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: 'Pod' },
      selector: {
        matchExpressions: [
          { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
          { key: '.status.phase', operator: 'In', values: ['Running'] },
          { key: '.spec.containers.[].image', operator: 'In', values: [CRASHING] },
          { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: 'In', values: ['True'] },
        ],
      },
      weight: WEIGHT,
      delay: { durationMilliseconds: 4_000 },
      next: {
        statusTemplate: `
{{ $now := Now }}
conditions:
- { type: Ready, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  started: false
  restartCount: 6
  state:
    waiting:
      reason: CrashLoopBackOff
      message: back-off 5m0s restarting failed container
  lastState:
    terminated:
      reason: Error
      exitCode: 3
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
`,
      },
    },
  }),
];
