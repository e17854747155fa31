/** What the pods of Jobs are made of in tests; KWOK has all other pods of Jobs end well. */
export const FAILING = 'registry.example.com/tests:failing';
export const HANGING = 'registry.example.com/tests:hanging';

/** So much heavier than KWOK's usual stages that these never get their turn. */
const WEIGHT = 1_000_000_000;

const stage = (name: string, image: string, delay: number, statusTemplate: string) =>
  JSON.stringify({
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: 'Pod' },
      selector: {
        matchExpressions: [
          { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
          { key: '.status.phase', operator: 'In', values: ['Pending'] },
          {
            key: '.status.conditions.[] | select( .type == "Initialized" ) | .status',
            operator: 'In',
            values: ['True'],
          },
          { key: '.spec.containers.[].image', operator: 'In', values: [image] },
        ],
      },
      weight: WEIGHT,
      delay: { durationMilliseconds: delay },
      next: { statusTemplate },
    },
  });

/** KWOK configuration: pods of FAILING end with 3 and two lines of text, those of HANGING never end. */
export const JOB_STAGES = [
  stage(
    'pod-fails',
    FAILING,
    100,
    `
{{ $now := Now }}
phase: Failed
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 0
  started: false
  state:
    terminated:
      exitCode: 3
      finishedAt: {{ $now | Quote }}
      message: "ALTER TABLE\nno such column"
      reason: Error
      startedAt: {{ $now | Quote }}
{{ end }}
`,
  ),
  stage('pod-hangs', HANGING, 3_600_000, 'phase: Running'),
];
