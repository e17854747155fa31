import { ownershipOf } from '../../../operator/reconcile/generated.ts';
import {
  ASKED_REPLICAS,
  COPY_OF,
  FRONT_ANNOTATIONS,
  REQUESTS,
  REVISION,
  REVISION_BACKUP,
  RestAPI,
  TRAFFIC,
} from '../../../resources/index.ts';
import { ADOPTED_HASH } from '../../../resources/model/adopted-hash.ts';
import { COMPONENT_LABEL, ENVIRONMENT_LABEL, INSTANCE_LABEL, NAME_LABEL } from '../../../resources/model/labels.ts';
import { REFERENCES_HASH } from '../../../resources/model/references.ts';
import { CHECK } from '../../../resources/templates/check-job-spec.ts';
import { HOOK } from '../../../resources/templates/hook-job-spec.ts';
import { CHANGED_BY } from '../../blue-green/author.ts';
import { PROMOTE, REJECT, RETRY, ROLLBACK_TO, SKIP_CHECKS } from '../../blue-green/rejection.ts';
import { RESTARTED_AT } from '../../workload/restart-patch.ts';
import { SERVICE_ACCOUNTS } from '../operator-policy-pods.ts';
import { POD_ANNOTATION_KEYS, POD_LABEL_KEYS } from '../pod-metadata-policy.ts';
import { ADOPTABLE_BY } from '../volume-policy.ts';

/** Key, objects that have it, and meaning. */
type Row = readonly [key: string, on: string, meaning: string];

const OWN = ownershipOf(RestAPI, 'restapi-operator');

const USER_ANNOTATIONS: readonly Row[] = [
  [PROMOTE, 'RestAPI', 'Promotes this revision as soon as it is ready, without waiting for `autoPromotion`.'],
  [
    REJECT,
    'RestAPI',
    'Rejects this revision: a release of it is aborted; if it is active, the operator rolls back to the previous revision.',
  ],
  [
    RETRY,
    'RestAPI',
    'Lets the version of this revision go: it is released again after it was rejected or rolled back from. Repeats failed checks of a release.',
  ],
  [
    ROLLBACK_TO,
    'RestAPI',
    'Releases this earlier revision instead of that of the spec, until the spec requests another version. Neither paused nor checked.',
  ],
  [SKIP_CHECKS, 'RestAPI', 'Lets the release of this revision pass without its checks.'],
  [
    RESTARTED_AT,
    'pod template of a Deployment',
    'Restarts the pods when it changes. Set by `kubectl rollout restart`, `kubectl restapi restart` and healing.',
  ],
  [
    SERVICE_ACCOUNTS,
    'Namespace',
    'ServiceAccounts that pods of its RestAPIs may use besides the generated ones, comma-separated. Without it: all. For cluster administrators.',
  ],
  ...(['podLabels', 'podAnnotations'] as const).map(
    (field): Row => [
      field === 'podLabels' ? POD_LABEL_KEYS : POD_ANNOTATION_KEYS,
      'Namespace',
      `Keys that authors who may not create pods may use in \`${field}\`, comma-separated; an entry that ends with \`/\` allows all keys with that prefix, and \`*\` allows any. Without it: none. For cluster administrators.`,
    ],
  ),
  [
    ADOPTABLE_BY,
    'PersistentVolumeClaim',
    'Name of the RestAPI that may take over the retained volume, with any author. For owners of the data.',
  ],
];

const API_SERVER_ANNOTATIONS: readonly Row[] = [
  [
    CHANGED_BY,
    'RestAPI',
    'User who last changed the spec or one of the annotations above. Only with the component `release-author`.',
  ],
];

const OPERATOR_ANNOTATIONS: readonly Row[] = [
  [FRONT_ANNOTATIONS.environment, 'front Service', 'Environment that receives the traffic: `blue`, `green` or `main`.'],
  [FRONT_ANNOTATIONS.revision, 'front Service', 'Revision of that environment.'],
  [FRONT_ANNOTATIONS.previousRevision, 'front Service', 'Revision that was active before the last switch.'],
  [FRONT_ANNOTATIONS.switchedAt, 'front Service', 'Time of the last switch, RFC 3339.'],
  [
    REVISION_BACKUP,
    'front Service',
    'Copy of the active revision and the one before, as JSON, from which a lost ControllerRevision is stored again.',
  ],
  [REVISION, 'Deployment', 'Revision its pods are created from.'],
  [ASKED_REPLICAS, 'Deployment', 'Replicas of the spec when an autoscaler took over.'],
  [REQUESTS, 'Deployment', 'Requests that vertical scaling applied instead of those of the spec, as JSON.'],
  [
    'restapi.dev/env-hash',
    'pod template of a Deployment',
    'Hash of `spec.envVars`; restarts the pods when it changes.',
  ],
  [
    REFERENCES_HASH,
    'pod template of a Deployment',
    'Hash of what the component reads from live ConfigMaps and Secrets; restarts the pods when it changes. Copies of ConfigMaps are named in the pod template instead. It has the form `<key ID>:<hash>` if it covers Secrets, whose contents are hashed with a key that only the operator has.',
  ],
  [
    ADOPTED_HASH,
    'Deployment',
    'After the loss of that key: the hash, with the new key, of the contents that its pods run with.',
  ],
  [COPY_OF, 'copy of a ConfigMap', 'Name of the ConfigMap it is a copy of.'],
  [
    OWN.dependentAnnotation,
    'every generated object',
    'Class that generates the object. The operator deletes only objects that carry it.',
  ],
  [OWN.hashAnnotation, 'every generated object', 'Hash of the applied description; a difference means drift.'],
  [
    OWN.generationAnnotation,
    'every generated object',
    'Generation of the RestAPI the object was last written for. A process with an older RestAPI leaves it alone.',
  ],
  [OWN.termAnnotation, 'every generated object', 'Leadership term of the last write. A former leader leaves it alone.'],
  [OWN.givenUpAnnotation, 'generated objects', 'Fields the operator no longer describes and has released, as JSON.'],
  [
    OWN.retainedAnnotation,
    'PersistentVolumeClaim',
    'RestAPI a retained volume belongs to; it has no owner reference, so it outlives the RestAPI.',
  ],
];

const LABELS: readonly Row[] = [
  [NAME_LABEL, 'every generated object', 'Name of the RestAPI.'],
  [COMPONENT_LABEL, 'objects of one component', 'Name of the component.'],
  [ENVIRONMENT_LABEL, 'objects and pods of one environment', '`blue`, `green` or `main`.'],
  [TRAFFIC, 'Services', 'Role of the Service: `front`, `preview`, `stable` or `environment`.'],
  [CHECK, 'Jobs and pods of checks', 'Name of the check.'],
  [HOOK, 'Jobs and pods of hooks', '`migrate`, `afterPromotion` or `afterRollback`.'],
  ['app.kubernetes.io/name', 'every generated object', '`restapi`.'],
  [INSTANCE_LABEL, 'every generated object but volumes', '`restapi-` and the name of the RestAPI.'],
  ['app.kubernetes.io/component', 'objects of one component', 'Name of the component.'],
  ['app.kubernetes.io/managed-by', 'every generated object', 'Field manager of the operator, `restapi-operator`.'],
];

/** The page docs/reference/annotations-and-labels.md. */
export function annotationsAndLabels(): string {
  return [
    '<!-- Generated from src/tools/reference/annotations-and-labels.ts by `npm run generate`. Do not edit. -->\n',
    '# Annotations and labels\n',
    'The value of an annotation about a revision is the name of that revision, or of a version, which means all its revisions. It is a request: the operator records it in the status and removes the annotation. One that names nothing known stays until it is corrected.\n',
    section('Annotations set by users', USER_ANNOTATIONS),
    section('Annotations set by the API server', API_SERVER_ANNOTATIONS),
    section('Annotations set by the operator', OPERATOR_ANNOTATIONS),
    section('Labels set by the operator', LABELS),
  ].join('\n');
}

function section(title: string, rows: readonly Row[]): string {
  const lines = rows.map(([key, on, meaning]) => `| \`${key}\` | ${on} | ${meaning} |`);
  return `## ${title}\n\n| Key | On | Meaning |\n|---|---|---|\n${lines.join('\n')}\n`;
}
