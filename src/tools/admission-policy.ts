import { COMPONENTS } from '../../resources/index.ts';
import { authorPolicy, type ComputedValidation, MAY_CREATE_PODS, SPEC_UNCHANGED } from './author-policy.ts';
import { validation } from './validation.ts';

/**
 * How many ConfigMaps and Secrets the policy can check. Each authorizer check takes a fixed part of the cost budget of
 * one policy; with the other checks below, this many fit (measured on Kubernetes 1.37: 24 fit, 32 do not).
 */
const MAX_SOURCES = 20;

const AUTHORIZER = "authorizer.group('')";
const HERE = 'namespace(request.namespace)';

/**
 * Returns CEL expressions for the ConfigMaps and Secrets that a component references, as lists of `<resource>/<name>`.
 */
function sources(component: string): string[] {
  const spec = `object.spec.${component}`;
  const inList = (list: string, path: string[], kind: string): string => {
    const isThere = path.map((_, index) => `has(x.${path.slice(0, index + 1).join('.')})`).join(' && ');
    const found = `${spec}.${list}.filter(x, ${isThere}).map(x, '${kind}/' + x.${path.join('.')}.name)`;
    return `(${given(component, list)} ? ${found} : [])`;
  };
  return [
    inList('envFrom', ['secretRef'], 'secrets'),
    inList('envFrom', ['configMapRef'], 'configmaps'),
    inList('env', ['valueFrom', 'secretKeyRef'], 'secrets'),
    inList('env', ['valueFrom', 'configMapKeyRef'], 'configmaps'),
    pullSecrets(spec, given(component, 'imagePullSecrets')),
  ];
}

/** @param isGiven the condition that the list is there */
function pullSecrets(spec: string, isGiven: string): string {
  return `(${isGiven} ? ${spec}.imagePullSecrets.map(x, 'secrets/' + x.name) : [])`;
}

/** The condition that a field of a component is there. The API server stores no component that is left out. */
function given(component: string, field: string): string {
  return `has(object.spec.${component}) && has(object.spec.${component}.${field})`;
}

/**
 * Returns the ValidatingAdmissionPolicy, with its binding, that prevents privilege escalation through a RestAPI. Users
 * who may create pods in the namespace can use everything in it anyway. Others need permission to `get` each referenced
 * ConfigMap and Secret, and to create a token of each ServiceAccount. Every user who changes the spec is checked, not
 * only the one who added the reference: a new image could read what the old one was given.
 */
export function admissionPolicy(): object[] {
  const allSources = [
    pullSecrets('object.spec', 'has(object.spec.imagePullSecrets)'),
    ...COMPONENTS.flatMap(sources),
  ].join(' + ');
  const accounts = COMPONENTS.map(
    (name) => `(${given(name, 'serviceAccountName')} ? [object.spec.${name}.serviceAccountName] : [])`,
  ).join(' + ');
  const isFree = 'variables.unchanged || variables.mayCreatePods';
  const orPods = ", or to create pods in namespace ' + request.namespace";
  const ofSource = (index: number): ComputedValidation => {
    const part = (position: number) => `variables.sources[${index}].split('/')[${position}]`;
    return {
      expression: `${isFree} || variables.sources.size() <= ${index} || ${AUTHORIZER}.resource(${part(0)}).${HERE}.name(${part(1)}).check('get').allowed()`,
      messageExpression: `'you may not use ' + variables.sources[${index}] + ' in a RestAPI: this requires permission to get it${orPods}`,
      reason: 'Forbidden',
    };
  };
  const ofAccount = (index: number): ComputedValidation => ({
    expression: `${isFree} || variables.accounts.size() <= ${index} || ${AUTHORIZER}.resource('serviceaccounts').subresource('token').${HERE}.name(variables.accounts[${index}]).check('create').allowed()`,
    messageExpression: `'you may not use serviceaccounts/' + variables.accounts[${index}] + ' in a RestAPI: this requires permission to create its token${orPods}`,
    reason: 'Forbidden',
  });
  return authorPolicy('restapi-references', {
    variables: [
      SPEC_UNCHANGED,
      MAY_CREATE_PODS,
      { name: 'sources', expression: `(${allSources}).distinct()` },
      { name: 'accounts', expression: `(${accounts}).distinct()` },
    ],
    validations: [
      validation(
        `${isFree} || variables.sources.size() <= ${MAX_SOURCES}`,
        `references more than ${MAX_SOURCES} ConfigMaps and Secrets, which requires permission to create pods in the namespace: use fewer`,
      ),
      ...Array.from({ length: MAX_SOURCES }, (_, index) => ofSource(index)),
      ...COMPONENTS.map((_, index) => ofAccount(index)),
    ],
  });
}
