import { COMPONENTS } from '../../resources/index.ts';

const NAME = 'restapi-references';

/**
 * How many ConfigMaps and Secrets can be asked about. Each question to the authorizer costs a fixed part of what one
 * policy may cost; with the other questions below, this many fit (tried on Kubernetes 1.37: 24 do, 32 do not).
 */
const MAX_SOURCES = 20;

const ASK = "authorizer.group('')";
const HERE = 'namespace(request.namespace)';

/** Every place of a component's spec that names an object, as a list of names in CEL. */
function sources(component: string): string[] {
  const spec = `object.spec.${component}`;
  const inList = (list: string, path: string[], kind: string): string => {
    const given = path.map((_, index) => `has(x.${path.slice(0, index + 1).join('.')})`).join(' && ');
    const found = `${spec}.${list}.filter(x, ${given}).map(x, '${kind}/' + x.${path.join('.')}.name)`;
    return `(has(${spec}.${list}) ? ${found} : [])`;
  };
  return [
    inList('envFrom', ['secretRef'], 'secrets'),
    inList('envFrom', ['configMapRef'], 'configmaps'),
    inList('env', ['valueFrom', 'secretKeyRef'], 'secrets'),
    inList('env', ['valueFrom', 'configMapKeyRef'], 'configmaps'),
    pullSecrets(spec),
  ];
}

function pullSecrets(spec: string): string {
  const list = `${spec}.imagePullSecrets`;
  return `(has(${list}) ? ${list}.map(x, 'secrets/' + x.name) : [])`;
}

/**
 * A policy of the API server's that lets nobody use, by way of a RestAPI, what they may not use themselves. Who may
 * create pods in the namespace has the use of everything in it anyway. Others must have the right to `get` each
 * ConfigMap and Secret, and to ask for a token of each ServiceAccount. It is asked of whoever changes the spec, not
 * only of who added the name: a new image is a way to read what an old one was given.
 */
export function admissionPolicy(): object[] {
  const allSources = [pullSecrets('object.spec'), ...COMPONENTS.flatMap(sources)].join(' + ');
  const accounts = COMPONENTS.map(
    (name) => `(has(object.spec.${name}.serviceAccountName) ? [object.spec.${name}.serviceAccountName] : [])`,
  ).join(' + ');
  const isFree = 'variables.unchanged || variables.mayCreatePods';
  const why = "request.namespace + ', so you cannot give it to a RestAPI: ask for the right to ";
  const ofSource = (index: number) => {
    const part = (position: number) => `variables.sources[${index}].split('/')[${position}]`;
    return {
      expression: `${isFree} || variables.sources.size() <= ${index} || ${ASK}.resource(${part(0)}).${HERE}.name(${part(1)}).check('get').allowed()`,
      messageExpression: `'you may neither read ' + variables.sources[${index}] + ' nor create pods in namespace ' + ${why}get it'`,
      reason: 'Forbidden',
    };
  };
  const ofAccount = (index: number) => ({
    expression: `${isFree} || variables.accounts.size() <= ${index} || ${ASK}.resource('serviceaccounts').subresource('token').${HERE}.name(variables.accounts[${index}]).check('create').allowed()`,
    messageExpression: `'you may neither create a token of serviceaccounts/' + variables.accounts[${index}] + ' nor create pods in namespace ' + ${why}create serviceaccounts/token of it'`,
    reason: 'Forbidden',
  });
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['restapi.dev'],
            apiVersions: ['*'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['restapis'],
          },
        ],
      },
      variables: [
        { name: 'unchanged', expression: 'oldObject != null && object.spec == oldObject.spec' },
        { name: 'mayCreatePods', expression: `${ASK}.resource('pods').${HERE}.check('create').allowed()` },
        { name: 'sources', expression: `(${allSources}).distinct()` },
        { name: 'accounts', expression: `(${accounts}).distinct()` },
      ],
      validations: [
        {
          expression: `${isFree} || variables.sources.size() <= ${MAX_SOURCES}`,
          message: `names more than ${MAX_SOURCES} ConfigMaps and Secrets, which takes the right to create pods in the namespace: put them into fewer`,
          reason: 'Forbidden',
        },
        ...Array.from({ length: MAX_SOURCES }, (_, index) => ofSource(index)),
        ...COMPONENTS.map((_, index) => ofAccount(index)),
      ],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAME },
    spec: { policyName: NAME, validationActions: ['Deny'] },
  };
  return [policy, binding];
}
