import { CHANGED_BY } from '../blue-green/author.ts';
import { PROMOTE, REJECT, RETRY, ROLLBACK_TO, SKIP_CHECKS } from '../blue-green/rejection.ts';
import { authorPolicy } from './author-policy.ts';
import { OPERATOR_USER } from './operator-policy.ts';

const NAME = 'restapi-release-rights';
const RELEASE_ANNOTATIONS = [PROMOTE, REJECT, RETRY, ROLLBACK_TO];
const NOW = 'variables.now';
const BEFORE = 'variables.before';

/**
 * Returns the ValidatingAdmissionPolicy, with its binding, that separates the right to release from the right to edit. RBAC grants
 * verbs on whole objects, so the policy asks the authorizer for verbs that no request has, as the API server itself does for
 * `approve`, `bind` and `impersonate`:
 *
 * - `release` for annotations that control a release, and for changes of spec.blueGreen, which decides what is released unattended;
 * - `skip-checks` in addition for the annotation that skips the checks;
 * - `update` for all changes but release annotations and spec.blueGreen.paused. Who may only `patch` and `release` cannot edit.
 *
 * It fails closed. The operator, which removes annotations that it has recorded, does not meet it.
 */
export function releasePolicy(): object[] {
  return authorPolicy(NAME, {
    // The colon at the end lets a kustomize replacement find the name as a part of the text.
    matchConditions: [
      { name: 'not-the-operator', expression: `request.userInfo.username + ':' != '${OPERATOR_USER}:'` },
    ],
    variables: VARIABLES,
    validations: [
      {
        expression: `(variables.requests.size() == 0 && variables.sameBlueGreen) || ${allowed('release')}`,
        messageExpression: `(variables.requests.size() > 0 ? 'metadata.annotations[' + variables.requests[0] + ']' : 'spec.blueGreen') + ${needs('release')} + ', for example by the ClusterRole restapi-releaser'`,
        reason: 'Forbidden',
      },
      {
        expression: `!variables.skipsChecks || ${allowed('skip-checks')}`,
        messageExpression: `'metadata.annotations[${SKIP_CHECKS}]' + ${needs('skip-checks')}`,
        reason: 'Forbidden',
      },
      {
        expression: `(variables.sameMetadata && variables.sameSpec) || ${allowed('update')}`,
        messageExpression: `(variables.sameSpec ? 'metadata' : 'spec') + ${needs('update')} + '; without it you may change only spec.blueGreen.paused and the annotations that control releases'`,
        reason: 'Forbidden',
      },
    ],
  });
}

/** Variables are computed only where a validation uses them. Without an old object, the spec counts as unchanged. */
const VARIABLES = [
  { name: 'now', expression: annotations('object') },
  { name: 'before', expression: `oldObject == null ? {} : ${annotations('oldObject')}` },
  {
    name: 'requests',
    expression: `${list(RELEASE_ANNOTATIONS)}.filter(k, ${differs('k')}) + ('${SKIP_CHECKS}' in ${BEFORE} && !('${SKIP_CHECKS}' in ${NOW}) ? ['${SKIP_CHECKS}'] : [])`,
  },
  { name: 'skipsChecks', expression: `'${SKIP_CHECKS}' in ${NOW} && ${differs(`'${SKIP_CHECKS}'`)}` },
  // As maps: an expression cannot iterate over the fields of a typed object.
  { name: 'spec', expression: 'dyn(object).spec' },
  { name: 'oldSpec', expression: 'oldObject == null ? dyn(object).spec : dyn(oldObject).spec' },
  { name: 'blueGreen', expression: `'blueGreen' in variables.spec ? variables.spec.blueGreen : dyn({})` },
  { name: 'oldBlueGreen', expression: `'blueGreen' in variables.oldSpec ? variables.oldSpec.blueGreen : dyn({})` },
  { name: 'sameBlueGreen', expression: 'variables.blueGreen == variables.oldBlueGreen' },
  {
    name: 'sameSpec',
    expression: `${sameBut('variables.spec', 'variables.oldSpec', 'blueGreen')} && ${sameBut('variables.blueGreen', 'variables.oldBlueGreen', 'paused')}`,
  },
  {
    name: 'sameMetadata',
    expression: `oldObject == null || (${['labels', 'ownerReferences', 'finalizers'].map(sameField).join(' && ')} && ${sameAnnotations()})`,
  },
];

function annotations(object: string): string {
  return `(has(${object}.metadata.annotations) ? ${object}.metadata.annotations : {})`;
}

function list(keys: readonly string[]): string {
  return `[${keys.map((key) => `'${key}'`).join(', ')}]`;
}

/** Whether an annotation was added, changed or removed. @param key an expression */
function differs(key: string): string {
  return `((${key} in ${NOW}) != (${key} in ${BEFORE}) || (${key} in ${NOW} && ${NOW}[${key}] != ${BEFORE}[${key}]))`;
}

/** Whether two maps have the same values under all keys but one. */
function sameBut(map: string, old: string, key: string): string {
  return `${map}.all(k, k == '${key}' || (k in ${old} && ${map}[k] == ${old}[k])) && ${old}.all(k, k == '${key}' || k in ${map})`;
}

function sameField(field: string): string {
  const has = (object: string) => `has(${object}.metadata.${field})`;
  return `${has('object')} == ${has('oldObject')} && (!${has('object')} || object.metadata.${field} == oldObject.metadata.${field})`;
}

/** Whether the annotations are the same, but those that control releases and the name of the user that components/release-author adds. */
function sameAnnotations(): string {
  const free = list([...RELEASE_ANNOTATIONS, SKIP_CHECKS]);
  const author = `(k == '${CHANGED_BY}' && ${NOW}[k] == request.userInfo.username)`;
  return `${NOW}.all(k, k in ${free} || ${author} || (k in ${BEFORE} && ${NOW}[k] == ${BEFORE}[k])) && ${BEFORE}.all(k, k in ${free} || k in ${NOW})`;
}

function allowed(verb: string): string {
  return `authorizer.group('restapi.dev').resource('restapis').namespace(request.namespace).name(request.name).check('${verb}').allowed()`;
}

function needs(verb: string): string {
  return `': this change requires the verb ${verb} on restapis in namespace ' + request.namespace`;
}
