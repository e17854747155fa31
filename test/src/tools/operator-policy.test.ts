import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { PolicyRule } from '../../../operator/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { operatorPolicies } from '../../../src/tools/operator-policy.ts';

interface Policy {
  kind: string;
  metadata: { name: string };
  spec: {
    failurePolicy: string;
    matchConstraints: { resourceRules: { apiGroups: string[]; operations: string[]; resources: string[] }[] };
    matchConditions: { expression: string }[];
    validations: { expression: string; message: string }[];
  };
}

interface Binding {
  kind: string;
  spec: { policyName: string; validationActions: string[]; matchResources?: unknown };
}

const policies = (operatorPolicies() as Policy[]).filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
const bindings = (operatorPolicies() as Binding[]).filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');

/** The operations that a verb can lead to: a server-side apply of a new object is a create. */
const OPERATIONS: Record<string, string[]> = { create: ['CREATE'], patch: ['UPDATE'], delete: ['DELETE'] };

/** The rights to write, as `OPERATION resource.group`. */
async function writes(): Promise<string[]> {
  const files = await Promise.all(
    ['cluster-role.yaml', 'role.yaml'].map((file) => readFile(join(packageRoot(), 'kustomize', 'base', file), 'utf8')),
  );
  return files
    .flatMap((text) => (parse(text) as { rules: PolicyRule[] }).rules)
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.flatMap((verb) => (OPERATIONS[verb] ?? []).map((operation) => `${operation} ${resource}.${group}`)),
        ),
      ),
    );
}

test('every right to write meets a policy, but for the status of RestAPIs', async () => {
  const met = new Set(
    policies.flatMap(({ spec }) =>
      spec.matchConstraints.resourceRules.flatMap(({ apiGroups, operations, resources }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => operations.map((operation) => `${operation} ${resource}.${group}`)),
        ),
      ),
    ),
  );
  const rights = await writes();
  expect(rights.length).toBeGreaterThan(35);
  expect(rights.filter((right) => !met.has(right))).toEqual(['UPDATE restapis/status.restapi.dev']);
});

test('each policy is bound everywhere, and denies what it cannot judge', () => {
  expect(bindings.map(({ spec }) => spec)).toEqual(
    policies.map(({ metadata }) => ({ policyName: metadata.name, validationActions: ['Deny'] })),
  );
  expect(policies.map(({ spec }) => spec.failurePolicy)).toEqual(['Fail', 'Fail', 'Fail']);
});

test('requests of other users meet no policy', () => {
  for (const { spec } of policies) {
    expect(spec.matchConditions).toEqual([
      {
        name: 'the-operator',
        expression: "request.userInfo.username + ':' == 'system:serviceaccount:restapi-system:restapi-operator:'",
      },
    ]);
  }
});

test('each denial says what the operator does instead', () => {
  const all = policies.flatMap(({ spec }) => spec.validations);
  expect(all.length).toBeGreaterThan(25);
  for (const { message } of all) expect(message).toMatch(/the operator |add it there/);
});
