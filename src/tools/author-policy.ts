import { boundPolicy } from './bound-policy.ts';
import type { Validation } from './validation.ts';

/** A variable of a policy: an expression that is evaluated when it is first used. */
export interface Variable {
  name: string;
  expression: string;
}

/** The variable `unchanged`: whether a request leaves the spec of a RestAPI as it is, as those of the operator do. */
export const SPEC_UNCHANGED: Variable = {
  name: 'unchanged',
  expression: 'oldObject != null && object.spec == oldObject.spec',
};

/** The variable `mayCreatePods`: whether the user could do without the operator all that a RestAPI does. */
export const MAY_CREATE_PODS: Variable = {
  name: 'mayCreatePods',
  expression: "authorizer.group('').resource('pods').namespace(request.namespace).check('create').allowed()",
};

/** A validation whose message is computed. */
export interface ComputedValidation {
  expression: string;
  messageExpression: string;
  reason: 'Forbidden';
}

/** What differs between the policies for authors of RestAPIs. */
export interface AuthorPolicy {
  paramKind?: { apiVersion: string; kind: string };
  paramRef?: object;
  /** Which of these writes the policy looks at; all, unless given. */
  matchConditions?: readonly { name: string; expression: string }[];
  variables: readonly Variable[];
  validations: readonly (Validation | ComputedValidation)[];
}

/** Returns a ValidatingAdmissionPolicy for writes of RestAPIs, and its binding. */
export function authorPolicy(name: string, policy: AuthorPolicy): object[] {
  const { paramKind, paramRef, matchConditions, variables, validations } = policy;
  const resourceRules = [
    { apiGroups: ['restapi.dev'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['restapis'] },
  ];
  const spec = {
    ...(paramKind && { paramKind }),
    matchConstraints: { resourceRules },
    ...(matchConditions && { matchConditions }),
    variables,
    validations,
  };
  return boundPolicy(name, spec, { paramRef });
}
