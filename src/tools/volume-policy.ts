import { MANAGED_BY } from '../../operator/reconcile/desired-object.ts';
import { ownershipOf } from '../../operator/reconcile/generated.ts';
import { RestAPI } from '../../resources/index.ts';
import { OPERATOR_NAME } from '../create-operator.ts';
import { authorPolicy, MAY_CREATE_PODS } from './author-policy.ts';

/** Annotation of a retained PersistentVolumeClaim with the name of the RestAPI that may take it over, whoever creates it. */
export const ADOPTABLE_BY = 'restapi.dev/adoptable-by';

const RETAINED = ownershipOf(RestAPI, OPERATOR_NAME).retainedAnnotation;

/** An annotation of the claim, '' if it is missing. */
function annotation(key: string): string {
  const annotations = 'params.metadata.annotations';
  return `(has(${annotations}) && '${key}' in ${annotations} ? ${annotations}['${key}'] : '')`;
}

/**
 * Returns the ValidatingAdmissionPolicy, with its binding, for volumes that earlier RestAPIs left behind. A RestAPI takes over the
 * claim of its name, so its author would get data that belongs to another user. The claims of the namespace are the parameters of the
 * policy: it is evaluated once for each, and not at all if there are none. The operator takes over only claims that the selector matches.
 *
 * Only a user who adds `repository.storage` is checked: afterwards the volume belongs to the RestAPI, as does one that it has created.
 */
export function volumePolicy(): object[] {
  const hasStorage = (object: string) => `(has(${object}.spec.repository) && has(${object}.spec.repository.storage))`;
  const claim = "object.metadata.name + '-repository'";
  return authorPolicy('restapi-volumes', {
    paramKind: { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
    paramRef: {
      selector: { matchLabels: { [MANAGED_BY]: OPERATOR_NAME } },
      parameterNotFoundAction: 'Allow',
    },
    variables: [
      {
        name: 'addsStorage',
        expression: `${hasStorage('object')} && (oldObject == null || !${hasStorage('oldObject')})`,
      },
      // Left by this RestAPI itself, which had storage before.
      {
        name: 'isOwn',
        expression: `oldObject != null && (${annotation(RETAINED)}.contains(oldObject.metadata.uid) || (has(params.metadata.ownerReferences) && params.metadata.ownerReferences.exists(r, r.uid == oldObject.metadata.uid)))`,
      },
      {
        name: 'takesOver',
        expression: `params.metadata.name == ${claim} && !has(params.metadata.deletionTimestamp) && variables.addsStorage && !variables.isOwn`,
      },
      { name: 'adoptableBy', expression: annotation(ADOPTABLE_BY) },
      MAY_CREATE_PODS,
    ],
    validations: [
      {
        expression: `!variables.takesOver || variables.adoptableBy == object.metadata.name || variables.mayCreatePods || authorizer.group('').resource('persistentvolumeclaims').namespace(request.namespace).name(${claim}).check('get').allowed()`,
        messageExpression: `'spec.repository.storage: persistentvolumeclaims/' + ${claim} + ' holds the data of an earlier RestAPI. Taking it over requires permission to get it, or to create pods in namespace ' + request.namespace + '. Otherwise use another name, or have a user who may change the claim run: kubectl annotate -n ' + request.namespace + ' pvc ' + ${claim} + ' ${ADOPTABLE_BY}=' + object.metadata.name`,
        reason: 'Forbidden',
      },
    ],
  });
}
