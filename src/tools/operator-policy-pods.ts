import { PROFILE_ANNOTATIONS } from '../../resources/api/rules/label-rules.ts';
import { type Validation, validation } from './validation.ts';

/** Annotation of a namespace with the ServiceAccounts that pods of its RestAPIs may use besides the generated ones, comma-separated. */
export const SERVICE_ACCOUNTS = 'restapi.dev/service-accounts';

const POD = 'variables.pod';
const OLD = 'variables.oldPod';

/** The pod templates, and the containers in them. Empty where there was no object before. */
export const POD_VARIABLES = [
  { name: 'pod', expression: 'object.spec.template.spec' },
  { name: 'oldPod', expression: 'oldObject == null ? dyn({}) : dyn(oldObject.spec.template.spec)' },
  { name: 'containers', expression: containersOf(POD) },
  {
    name: 'oldContainers',
    expression: `oldObject == null ? dyn([]) : dyn(${containersOf('oldObject.spec.template.spec')})`,
  },
  { name: 'annotations', expression: annotationsOf('object') },
  { name: 'oldAnnotations', expression: `oldObject == null ? {} : ${annotationsOf('oldObject')}` },
];

function containersOf(pod: string): string {
  return `${pod}.containers + (has(${pod}.initContainers) ? ${pod}.initContainers : [])`;
}

/** The annotations of a pod template, some of which choose a profile of AppArmor or seccomp. */
function annotationsOf(object: string): string {
  const metadata = `${object}.spec.template.metadata`;
  const annotations = `${metadata}.annotations`;
  return `(has(${metadata}) && has(${annotations}) ? ${annotations} : {})`;
}

/**
 * Returns the validations of a pod template: Pod Security `restricted`, and of the volumes and the account only those of the RestAPI.
 * What a person or a webhook put into a generated object stays allowed, so that it does not keep the operator from changing the rest.
 */
export function podValidations(): Validation[] {
  const owns = "variables.owner != '' && ";
  return [
    ...['hostNetwork', 'hostPID', 'hostIPC'].map((field) =>
      validation(
        `!has(${POD}.${field}) || !${POD}.${field} || (has(${OLD}.${field}) && ${OLD}.${field})`,
        `spec.template.spec.${field}: the operator gives pods no access to the host`,
      ),
    ),
    validation(
      `!has(${POD}.volumes) || ${POD}.volumes.all(v, ${allowedVolume('v')} || (has(${OLD}.volumes) && ${OLD}.volumes.exists(o, o == v)))`,
      'spec.template.spec.volumes: the operator mounts only emptyDir, configMap, secret, projected and downwardAPI volumes and the claim of the RestAPI',
    ),
    validation(
      `(has(${POD}.securityContext) && ${restrictedPod(`${POD}.securityContext`)}) || ${same('securityContext')}`,
      'spec.template.spec.securityContext: the operator runs pods under Pod Security `restricted` only',
    ),
    validation(
      `variables.containers.all(c, (has(c.securityContext) && ${restrictedContainer('c.securityContext')}) || ${asBefore('c', 'securityContext')})`,
      'spec.template.spec.containers.securityContext: the operator runs containers under Pod Security `restricted` only',
    ),
    validation(
      `variables.annotations.all(key, !(${profileKey('key')}) || (key in variables.oldAnnotations && variables.oldAnnotations[key] == variables.annotations[key]))`,
      'spec.template.metadata.annotations: the operator chooses profiles of AppArmor and seccomp by the security context only',
    ),
    validation(
      `variables.containers.all(c, !has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0) || ${asBefore('c', 'ports')})`,
      'spec.template.spec.containers.ports.hostPort: the operator opens no ports of nodes',
    ),
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].map((probe) =>
      validation(
        `variables.containers.all(c, !has(c.${probe}) || ${hasNoHost(`c.${probe}`)} || ${asBefore('c', probe)})`,
        `spec.template.spec.containers.${probe}: the operator lets probes call only the pod itself`,
      ),
    ),
    validation(
      `variables.containers.all(c, !has(c.lifecycle) || ((!has(c.lifecycle.postStart) || ${hasNoHost('c.lifecycle.postStart')}) && (!has(c.lifecycle.preStop) || ${hasNoHost('c.lifecycle.preStop')})) || ${asBefore('c', 'lifecycle')})`,
      'spec.template.spec.containers.lifecycle: the operator lets hooks call only the pod itself',
    ),
    validation(
      `!has(${POD}.nodeName) || ${POD}.nodeName == '' || ${same('nodeName')}`,
      'spec.template.spec.nodeName: the operator leaves the choice of nodes to the scheduler',
    ),
    validation(
      `!has(${POD}.priorityClassName) || !${POD}.priorityClassName.startsWith('system-') || ${same('priorityClassName')}`,
      'spec.template.spec.priorityClassName: the operator gives pods no priority of the cluster itself',
    ),
    validation(
      `${owns}${ACCOUNT} == variables.owner + '-app' || ${same('serviceAccountName')} || ${namespaceAllows(ACCOUNT)}`,
      `spec.template.spec.serviceAccountName: the annotation ${SERVICE_ACCOUNTS} of the namespace does not list this ServiceAccount: add it there, or remove it from the RestAPI`,
    ),
    validation(
      `'system:serviceaccount:' + request.namespace + ':' + ${ACCOUNT} != request.userInfo.username || ${same('serviceAccountName')}`,
      'spec.template.spec.serviceAccountName: the operator starts no pods under its own ServiceAccount',
    ),
  ];
}

const ACCOUNT = `(has(${POD}.serviceAccountName) && ${POD}.serviceAccountName != '' ? ${POD}.serviceAccountName : 'default')`;

/** Whether a field of the pod is as it was before the request. */
function same(field: string): string {
  return `(has(${OLD}.${field}) && has(${POD}.${field}) && ${OLD}.${field} == ${POD}.${field})`;
}

/** Whether a field of the container is as it was in the container of its name before the request. */
function asBefore(container: string, field: string): string {
  const [now, before] = [`${container}.${field}`, `o.${field}`];
  return `variables.oldContainers.exists(o, o.name == ${container}.name && has(${before}) == has(${now}) && (!has(${now}) || ${before} == ${now}))`;
}

function allowedVolume(volume: string): string {
  const types = ['emptyDir', 'configMap', 'secret', 'projected', 'downwardAPI'].map((type) => `has(${volume}.${type})`);
  const claim = `${volume}.persistentVolumeClaim`;
  return `(${types.join(' || ')} || (has(${claim}) && ${claim}.claimName == variables.owner + '-repository'))`;
}

function profileKey(key: string): string {
  return PROFILE_ANNOTATIONS.map((prefix) => `${key}.startsWith('${prefix}')`).join(' || ');
}

/** A condition that a field of a security context is unset or harmless. */
function unsetOr(context: string, field: string, condition: string): string {
  return `(!has(${context}.${field}) || ${condition})`;
}

function confined(context: string): string[] {
  return [
    unsetOr(context, 'runAsUser', `${context}.runAsUser != 0`),
    unsetOr(context, 'seLinuxOptions', 'false'),
    unsetOr(context, 'windowsOptions', 'false'),
    unsetOr(context, 'appArmorProfile', `${context}.appArmorProfile.type != 'Unconfined'`),
  ];
}

function seccomp(context: string): string {
  return `${context}.seccompProfile.type in ['RuntimeDefault', 'Localhost']`;
}

function restrictedPod(context: string): string {
  return [
    `has(${context}.runAsNonRoot) && ${context}.runAsNonRoot`,
    `has(${context}.seccompProfile) && ${seccomp(context)}`,
    unsetOr(context, 'sysctls', `${context}.sysctls.size() == 0`),
    ...confined(context),
  ].join(' && ');
}

function restrictedContainer(context: string): string {
  const capabilities = `${context}.capabilities`;
  return [
    `has(${context}.allowPrivilegeEscalation) && !${context}.allowPrivilegeEscalation`,
    unsetOr(context, 'privileged', `!${context}.privileged`),
    `has(${capabilities}) && has(${capabilities}.drop) && 'ALL' in ${capabilities}.drop`,
    unsetOr(capabilities, 'add', `${capabilities}.add.all(a, a == 'NET_BIND_SERVICE')`),
    unsetOr(context, 'runAsNonRoot', `${context}.runAsNonRoot`),
    unsetOr(context, 'seccompProfile', seccomp(context)),
    unsetOr(context, 'procMount', `${context}.procMount == 'Default'`),
    ...confined(context),
  ].join(' && ');
}

/** Whether a probe or hook names no host. */
function hasNoHost(handler: string): string {
  const without = (kind: string) =>
    `(!has(${handler}.${kind}) || !has(${handler}.${kind}.host) || ${handler}.${kind}.host == '')`;
  return `(${without('httpGet')} && ${without('tcpSocket')})`;
}

/** Whether the namespace allows an account: all of them, unless it has the annotation. */
function namespaceAllows(account: string): string {
  const annotations = 'namespaceObject.metadata.annotations';
  return `(!has(${annotations}) || !('${SERVICE_ACCOUNTS}' in ${annotations}) || ${annotations}['${SERVICE_ACCOUNTS}'].split(',').exists(a, a.trim() == ${account}))`;
}
