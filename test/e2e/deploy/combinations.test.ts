import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import type { PolicyRule, StoredObject } from '../../../operator/index.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import {
  COMPONENTS,
  type Combination,
  combinations,
  nameOf,
  OVERLAYS,
  RENAMED,
  writeCombination,
} from './combinations.ts';
import { APPS } from './overlays.ts';

const RBAC_KINDS = ['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

interface Rendered extends StoredObject {
  kind: string;
  rules: PolicyRule[];
  roleRef?: { kind: string; name: string };
  spec: {
    policyName: string;
    matchConditions: { expression: string }[];
    template: { spec: { serviceAccountName: string; priorityClassName?: string; containers: { args: string[] }[] } };
  };
}

const COMBINATIONS = combinations();

let cluster: ControlPlane;
const rendered = new Map<Combination, Rendered[]>();
beforeAll(async () => {
  cluster = await startControlPlane({ scheduler: false, kwokNodes: 0, audit: false });
  const folders = await Promise.all(
    COMBINATIONS.map((combination, index) => writeCombination(combination, join(cluster.dir, `combination-${index}`))),
  );
  const waiting = [...COMBINATIONS.entries()];
  const renderAll = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [index, combination] = next;
      const { stdout, stderr } = await cluster.kubectl(['kustomize', folders[index] ?? '']);
      if (stderr) throw new Error(`${nameOf(combination)}: ${stderr}`);
      rendered.set(combination, withoutCrd(stdout));
    }
  };
  await Promise.all(Array.from({ length: 3 }, renderAll));
}, 120_000);
afterAll(() => cluster?.stop());

/** Parses a rendered overlay. The CRD, most of the text, is the same in all. */
function withoutCrd(text: string): Rendered[] {
  const parts = text.split(/^---$/m).filter((part) => !part.includes('\nkind: CustomResourceDefinition\n'));
  return parts.map((part) => parse(part) as Rendered);
}

function objects(combination: Combination, ...kinds: string[]): Rendered[] {
  return (rendered.get(combination) ?? []).filter(({ kind }) => kinds.includes(kind));
}

function operator(combination: Combination): Rendered {
  const [found] = objects(combination, 'Deployment').filter(({ metadata }) =>
    metadata.name.endsWith('restapi-operator'),
  );
  if (!found) throw new Error(`${nameOf(combination)} has no operator`);
  return found;
}

const userOf = ({ metadata, spec }: Rendered) =>
  `system:serviceaccount:${metadata.namespace}:${spec.template.spec.serviceAccountName}`;
const isNamespaced = ({ components }: Combination) => components.includes('namespaced');
const cases = COMBINATIONS.map((combination) => [nameOf(combination), combination] as const);

test('the combinations are of every overlay and every component', () => {
  expect(OVERLAYS).toEqual(['dev', 'prod', 'staging']);
  expect(COMPONENTS.length).toBeGreaterThanOrEqual(11);
  expect(COMBINATIONS.length).toBeGreaterThan(OVERLAYS.length * COMPONENTS.length * 2 - 3);
});

test.each(cases)('%s: the policies are bound, and about the account of the operator', (_, combination) => {
  const user = userOf(operator(combination));
  const { namespace, prefix } = RENAMED;
  const [at, name] = combination.renamed
    ? [namespace, `${prefix}restapi-operator`]
    : ['restapi-system', 'restapi-operator'];
  expect(user).toBe(`system:serviceaccount:${at}:${name}`);
  const policies = objects(combination, 'ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy');
  const bindings = objects(combination, 'ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicyBinding');
  expect(bindings.map(({ spec }) => spec.policyName).sort()).toEqual(
    policies.map(({ metadata }) => metadata.name).sort(),
  );
  const conditions = policies.flatMap(({ spec }) => spec.matchConditions ?? []).map(({ expression }) => expression);
  expect(conditions.length).toBeGreaterThanOrEqual(3);
  for (const expression of conditions)
    expect(expression).toMatch(new RegExp(`^request.userInfo.username \\+ ':' [!=]= '${user}:'$`));
});

test.each(cases)('%s: arguments and priority are those of its components', (_, combination) => {
  const { containers, priorityClassName } = operator(combination).spec.template.spec;
  expect(containers[0]?.args.includes(`--namespaces=${APPS}`)).toBe(isNamespaced(combination));
  expect(priorityClassName).toBe(
    combination.components.includes('cluster-critical') ? 'system-cluster-critical' : undefined,
  );
});

test.each(cases)('%s: the roles of users get their rights on RestAPIs', (_, combination) => {
  const labels = objects(combination, 'ClusterRole').flatMap(({ metadata }) => Object.keys(metadata.labels ?? {}));
  expect(labels.sort()).toEqual([
    'rbac.authorization.k8s.io/aggregate-to-edit',
    'rbac.authorization.k8s.io/aggregate-to-view',
  ]);
});

/** The objects that make the operator's rights: without roles for users, which nothing binds. */
function ownRbac(combination: Combination): Rendered[] {
  const all = objects(combination, ...RBAC_KINDS);
  const bound = new Set(all.flatMap(({ roleRef }) => (roleRef ? [`${roleRef.kind}/${roleRef.name}`] : [])));
  return all.filter(({ kind, metadata }) => kind !== 'ClusterRole' || bound.has(`${kind}/${metadata.name}`));
}

/** Components that let the operator review tokens, and what that takes. */
const REVIEWING = ['secure-metrics', 'exposed-dashboard'];
const REVIEWS = ['create subjectaccessreviews.authorization.k8s.io ', 'create tokenreviews.authentication.k8s.io '];

/** An account without any binding. */
const NOBODY = 'system:serviceaccount:default:nobody';

/** What a user may do that an account without bindings may not. */
async function rights(user: string, namespace: string): Promise<string[]> {
  const common = new Set(await allRights(NOBODY, namespace));
  return (await allRights(user, namespace)).filter((right) => !common.has(right)).sort();
}

/** What `kubectl auth can-i --list` says that a user may do, one right per entry. */
async function allRights(user: string, namespace: string): Promise<string[]> {
  const { stdout, exitCode, stderr } = await cluster.kubectl([
    'auth',
    'can-i',
    '--list',
    '-n',
    namespace,
    '--as',
    user,
  ]);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout.split('\n').flatMap((line) => {
    const [, resource, names, verbs] = /^(\S+)\s+\[\]\s+\[(.*?)\]\s+\[(.*?)\]/.exec(line) ?? [];
    return verbs?.split(' ').map((verb) => `${verb} ${resource} ${names}`) ?? [];
  });
}

/** The rights in a role, in the same form. */
function granted(roles: Rendered[]): string[] {
  return roles
    .flatMap(({ rules }) => rules)
    .flatMap(({ apiGroups, resources, resourceNames = [], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => {
          const [plural, subresource] = resource.split('/');
          const full = `${plural}${group && `.${group}`}${subresource ? `/${subresource}` : ''}`;
          return verbs.map((verb) => `${verb} ${full} ${resourceNames.join(' ')}`);
        }),
      ),
    )
    .sort();
}

test('the operator has its rights in the namespaces that it serves, and in no other', async () => {
  const byText = Map.groupBy(COMBINATIONS, (combination) => JSON.stringify(ownRbac(combination)));
  // Base and namespaced, each as it is, renamed, and with either component that reviews tokens; and with both.
  expect(byText.size).toBe(9);
  await cluster.kubectl(['create', 'namespace', APPS]);
  for (const [text, [combination]] of byText) {
    if (!combination) throw new Error('empty group');
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: JSON.parse(text) });
    const applied = await cluster.kubectl(['apply', '-f', '-'], { input: list });
    expect(applied.stderr).toBe('');
    const deployment = operator(combination);
    const user = userOf(deployment);
    const roles = ownRbac(combination).filter(({ kind }) => kind === 'ClusterRole');
    const served = granted(roles);
    const own = granted(objects(combination, 'Role'));
    expect(served.length).toBeGreaterThan(50);
    // Reviews belong to no namespace.
    const reviews = combination.components.some((name) => REVIEWING.includes(name)) ? REVIEWS : [];
    // The authorizer learns of new roles shortly after.
    const expected = [...served, ...reviews].sort();
    await vi.waitFor(async () => expect(await rights(user, APPS), nameOf(combination)).toEqual(expected), 10_000);
    const elsewhere = isNamespaced(combination) ? reviews : expected;
    expect(await rights(user, 'default'), nameOf(combination)).toEqual(elsewhere);
    expect(await rights(user, deployment.metadata.namespace ?? ''), nameOf(combination)).toEqual(
      [...elsewhere, ...own].sort(),
    );
    const bindings = JSON.parse(text).filter(({ kind }: Rendered) => /Role/.test(kind));
    const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: bindings });
    expect((await cluster.kubectl(['delete', '-f', '-'], { input: items })).exitCode).toBe(0);
    await eventually(async () => (await rights(user, APPS)).length === 0, { what: 'no rights' });
  }
}, 120_000);
