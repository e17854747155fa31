import { rbacRules } from '../../operator/index.ts';
import { MANAGED_BY } from '../../operator/reconcile/desired-object.ts';
import { NAME_LABEL } from '../../resources/model/labels.ts';
import { RestAPIController } from '../controller/rest-api-controller.ts';
import { boundPolicy } from './bound-policy.ts';
import { POD_VARIABLES, podValidations } from './operator-policy-pods.ts';
import { type Validation, validation } from './validation.ts';

/** The operator's user, which kustomize/components/renamed changes together with the ServiceAccount. */
export const OPERATOR_USER = 'system:serviceaccount:restapi-system:restapi-operator';
const OPERATOR = 'restapi-operator';
const RETAINED = 'restapi.dev/retained-for';
const CLUSTER_NAMESPACES = "['kube-system', 'kube-public', 'kube-node-lease']";
/** Resources whose pod templates are checked. */
const WORKLOADS = ['deployments', 'jobs'];

interface ResourceRule {
  apiGroups: string[];
  apiVersions: string[];
  operations: string[];
  resources: string[];
}

/**
 * Returns the ValidatingAdmissionPolicies, with their bindings, that limit the operator's own ServiceAccount to what operators do: a
 * stolen token writes nothing but objects of RestAPIs, and starts only pods within Pod Security `restricted`. Requests of other
 * users do not meet them.
 *
 * An expression sees one object. Whether the RestAPI in an owner reference exists, what its spec says and which pod an eviction
 * names cannot be checked, and reads are not subject to admission. docs/explanation/security.md lists what remains.
 */
export function operatorPolicies(): object[] {
  return [
    ...policy('objects', ownedRules(), OWNERSHIP_VARIABLES, ownershipValidations()),
    ...policy('workloads', workloadRules(), [...OWNERSHIP_VARIABLES, ...POD_VARIABLES], podValidations()),
    ...policy('others', OTHER_RULES, [], otherValidations()),
  ];
}

/** The kinds that the operator generates: those that it may delete. */
function ownedRules(): ResourceRule[] {
  return rbacRules([RestAPIController])
    .filter(({ verbs }) => verbs.includes('delete'))
    .map(({ apiGroups, resources }) => rule(apiGroups, resources, ['CREATE', 'UPDATE', 'DELETE']));
}

function workloadRules(): ResourceRule[] {
  return ownedRules().flatMap(({ apiGroups, resources }) => {
    const workloads = resources.filter((resource) => WORKLOADS.includes(resource));
    return workloads.length > 0 ? [rule(apiGroups, workloads, ['CREATE', 'UPDATE'])] : [];
  });
}

/** What the operator writes without having generated it. */
const OTHER_RULES: ResourceRule[] = [
  rule(['restapi.dev'], ['restapis'], ['CREATE', 'UPDATE', 'DELETE']),
  rule([''], ['pods/resize'], ['UPDATE']),
  rule([''], ['pods/eviction'], ['CREATE']),
  rule(['events.k8s.io'], ['events'], ['CREATE', 'UPDATE', 'DELETE']),
  rule(['coordination.k8s.io'], ['leases'], ['CREATE', 'UPDATE', 'DELETE']),
  rule([''], ['secrets'], ['CREATE', 'UPDATE', 'DELETE']),
];

function rule(apiGroups: string[], resources: string[], operations: string[]): ResourceRule {
  return { apiGroups, apiVersions: ['*'], operations, resources };
}

/** The value of a key in a map of the metadata, '' if it is missing. */
function metadataValue(object: string, map: 'labels' | 'annotations', key: string): string {
  return `(has(${object}.metadata.${map}) && '${key}' in ${object}.metadata.${map} ? ${object}.metadata.${map}['${key}'] : '')`;
}

/** The names of the RestAPIs that control an object: at most one. */
function owners(object: string): string {
  const isOwner = "r.kind == 'RestAPI' && r.apiVersion.startsWith('restapi.dev/') && has(r.controller) && r.controller";
  return `(has(${object}.metadata.ownerReferences) ? ${object}.metadata.ownerReferences.filter(r, ${isOwner}).map(r, r.name) : [])`;
}

/**
 * Whether an object is the operator's, as `plan()` decides: our label or none, and our label, an owner or the mark of a retained
 * object. So a person may have removed any one of them.
 */
function isOurs(object: string): string {
  const manager = metadataValue(object, 'labels', MANAGED_BY);
  const retained = `${metadataValue(object, 'annotations', RETAINED)} != ''`;
  return `(${manager} == '${OPERATOR}' || (${manager} == '' && (${owners(object)}.size() > 0 || ${retained})))`;
}

const OWNERSHIP_VARIABLES = [
  { name: 'owners', expression: `object == null ? [] : ${owners('object')}` },
  // Of an object whose owner reference was removed, until the operator restores it.
  {
    name: 'owner',
    expression: `variables.owners.size() > 0 ? variables.owners[0] : object == null ? '' : ${metadataValue('object', 'labels', NAME_LABEL)}`,
  },
];

function ownershipValidations(): Validation[] {
  const creates = "request.operation != 'CREATE'";
  const changes = "request.operation != 'UPDATE'";
  const deletes = "request.operation == 'DELETE'";
  const spec = (field: string) => `dyn(object).spec.${field}`;
  const same = (field: string) => `(oldObject != null && dyn(oldObject).spec.${field} == ${spec(field)})`;
  const selects = (field: string) =>
    `(has(${spec(field)}.matchLabels) && '${NAME_LABEL}' in ${spec(field)}.matchLabels && ${spec(field)}.matchLabels['${NAME_LABEL}'] == variables.owner)`;
  const isNot = (...resources: string[]) =>
    `${deletes} || !(request.resource.resource in [${resources.map((name) => `'${name}'`).join(', ')}])`;
  return [
    validation(
      `${deletes} || !(request.namespace in ${CLUSTER_NAMESPACES})`,
      'the operator does not serve the namespaces of the cluster itself: create the RestAPI in another namespace',
    ),
    validation(
      `${creates} || (${metadataValue('object', 'labels', MANAGED_BY)} == '${OPERATOR}' && (variables.owners.size() == 1 || (!(request.resource.resource in ['deployments', 'jobs']) && ${metadataValue('object', 'annotations', RETAINED)} != '')))`,
      `the operator creates only objects with the label ${MANAGED_BY}=${OPERATOR} and a RestAPI as controller`,
    ),
    validation(
      `${changes} || (${isOurs('oldObject')} && ${isOurs('object')})`,
      'the operator changes only objects that it generated for a RestAPI',
    ),
    validation(
      `request.operation != 'DELETE' || ${isOurs('oldObject')}`,
      'the operator deletes only objects that it generated for a RestAPI',
    ),
    validation(
      `${isNot('services')} || !has(${spec('externalIPs')}) || ${spec('externalIPs')}.size() == 0 || (oldObject != null && has(dyn(oldObject).spec.externalIPs) && ${same('externalIPs')})`,
      'spec.externalIPs: the operator gives Services no external addresses',
    ),
    validation(
      `${isNot('networkpolicies')} || ${selects('podSelector')} || ${same('podSelector')}`,
      `spec.podSelector: the operator selects only pods with the label ${NAME_LABEL} of the RestAPI`,
    ),
    validation(
      `${isNot('poddisruptionbudgets')} || (has(${spec('selector')}) && (${selects('selector')} || (oldObject != null && has(dyn(oldObject).spec.selector) && ${same('selector')})))`,
      `spec.selector: the operator selects only pods with the label ${NAME_LABEL} of the RestAPI`,
    ),
    validation(
      `${isNot('horizontalpodautoscalers')} || (${spec('scaleTargetRef')}.kind == 'Deployment' && ${spec('scaleTargetRef')}.name.startsWith(variables.owner + '-')) || ${same('scaleTargetRef')}`,
      'spec.scaleTargetRef: the operator scales only Deployments of the RestAPI',
    ),
  ];
}

function otherValidations(): Validation[] {
  // A request of no subresource has no such field; the rules match only these of pods.
  const isNot = (resource: string, subresource?: string) =>
    subresource
      ? `request.resource.resource != '${resource}' || !has(request.subResource) || request.subResource != '${subresource}'`
      : `request.resource.resource != '${resource}'`;
  const list = (object: string, field: string) =>
    `(has(${object}.metadata.${field}) ? ${object}.metadata.${field} : [])`;
  const map = (object: string, field: string) =>
    `(has(${object}.metadata.${field}) ? ${object}.metadata.${field} : {})`;
  const others = (object: string) => `${list(object, 'finalizers')}.filter(f, !f.startsWith('restapi.dev/'))`;
  const [now, before] = [map('object', 'annotations'), map('oldObject', 'annotations')];
  return [
    validation(
      `${isNot('restapis')} || (request.operation == 'UPDATE' && object.spec == oldObject.spec && ${map('object', 'labels')} == ${map('oldObject', 'labels')} && ${list('object', 'ownerReferences')} == ${list('oldObject', 'ownerReferences')} && ${others('object')} == ${others('oldObject')})`,
      'the operator changes only the status, finalizers and annotations of a RestAPI, never its spec',
    ),
    validation(
      `${isNot('restapis')} || request.operation != 'UPDATE' || (${now}.all(k, k in ${before} && ${now}[k] == ${before}[k]) && ${before}.all(k, k in ${now} || k.startsWith('restapi.dev/')))`,
      'metadata.annotations: the operator removes annotations restapi.dev/ of a RestAPI, and adds and changes none',
    ),
    validation(
      `${isNot('pods', 'resize')} || (!(request.namespace in ${CLUSTER_NAMESPACES}) && has(oldObject.metadata.labels) && '${NAME_LABEL}' in oldObject.metadata.labels && 'restapi.dev/component' in oldObject.metadata.labels)`,
      'the operator resizes only pods of RestAPIs',
    ),
    validation(
      `${isNot('pods', 'eviction')} || (!(request.namespace in ${CLUSTER_NAMESPACES}) && has(object.deleteOptions) && has(object.deleteOptions.preconditions) && has(object.deleteOptions.preconditions.uid))`,
      'the operator evicts pods by their uid, and none in the namespaces of the cluster itself',
    ),
    validation(
      `${isNot('events')} || (request.operation == 'CREATE' && object.reportingController == '${OPERATOR}' && has(object.regarding) && has(object.regarding.kind) && object.regarding.kind == 'RestAPI')`,
      'the operator reports Events only about RestAPIs',
    ),
    validation(
      `${isNot('leases')} || (request.operation != 'DELETE' && object.metadata.name == '${OPERATOR}' && !(request.namespace in ${CLUSTER_NAMESPACES}))`,
      `the operator writes only the Lease ${OPERATOR}`,
    ),
    validation(
      `${isNot('secrets')} || (request.operation == 'UPDATE' && request.name.endsWith('${OPERATOR}-hash-key'))`,
      'the operator writes only the Secret of its hash key',
    ),
  ];
}

function policy(part: string, resourceRules: ResourceRule[], variables: object[], validations: Validation[]): object[] {
  return boundPolicy(`${OPERATOR}-${part}`, {
    matchConstraints: { resourceRules },
    // The colon at the end lets a kustomize replacement find the name as a part of the text.
    matchConditions: [{ name: 'the-operator', expression: `request.userInfo.username + ':' == '${OPERATOR_USER}:'` }],
    ...(variables.length > 0 && { variables }),
    validations,
  });
}
