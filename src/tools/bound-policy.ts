const API_VERSION = 'admissionregistration.k8s.io/v1';

/**
 * Returns a ValidatingAdmissionPolicy that rejects requests when it cannot be evaluated, with the binding that enforces it everywhere.
 * @param paramRef the objects that are the policy's parameters
 */
export function boundPolicy(name: string, spec: object, { paramRef }: { paramRef?: object } = {}): object[] {
  return [
    {
      apiVersion: API_VERSION,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: { failurePolicy: 'Fail', ...spec },
    },
    {
      apiVersion: API_VERSION,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, ...(paramRef && { paramRef }), validationActions: ['Deny'] },
    },
  ];
}
