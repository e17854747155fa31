import { COMPONENTS } from '../../resources/index.ts';

const NAME = 'restapi-references';

/**
 * Most ConfigMaps and Secrets that the policy can check. Each authorizer call has a fixed share of the cost limit of a policy;
 * with the other calls below, this many fit (measured on Kubernetes 1.37: 24 fit, 32 do not).
 */
const MAX_SOURCES = 20;

const ASK = "authorizer.group('')";
const HERE = 'namespace(request.namespace)';

/** Every reference in a component's spec, as CEL lists of names. */
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
 * Builds an admission policy that prevents privilege escalation: a RestAPI may only reference objects that its author may use.
 * A user who may create pods in the namespace can use everything in it anyway. Other users need the permission to `get` each
 * ConfigMap and Secret, and to create a token of each ServiceAccount. The check applies to every change of the spec, because a new
 * image can read what an earlier author referenced.
 */
export function admissionPolicy(): object[] {
  const allSources = [pullSecrets('object.spec'), ...COMPONENTS.flatMap(sources)].join(' + ');
  const accounts = COMPONENTS.map(
    (name) => `(has(object.spec.${name}.serviceAccountName) ? [object.spec.${name}.serviceAccountName] : [])`,
  ).join(' + ');
  const isFree = 'variables.unchanged || variables.mayCreatePods';
  const why = "request.namespace + ', so your RestAPI cannot use it; ask for permission to ";
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
          message: `names more than ${MAX_SOURCES} ConfigMaps and Secrets, which needs the permission to create pods in the namespace: combine them into fewer`,
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
