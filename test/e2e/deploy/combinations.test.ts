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
  expect(COMPONENTS.length).toBeGreaterThanOrEqual(8);
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
  expect(containers[0]?.args.includes(`--namespace=${APPS}`)).toBe(isNamespaced(combination));
  expect(priorityClassName).toBe(
    combination.components.includes('cluster-critical') ? 'system-cluster-critical' : undefined,
  );
});

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
  const byText = Map.groupBy(COMBINATIONS, (combination) => JSON.stringify(objects(combination, ...RBAC_KINDS)));
  // Base, namespaced, and both renamed.
  expect(byText.size).toBe(4);
  await cluster.kubectl(['create', 'namespace', APPS]);
  for (const [text, [combination]] of byText) {
    if (!combination) throw new Error('empty group');
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: JSON.parse(text) });
    const applied = await cluster.kubectl(['apply', '-f', '-'], { input: list });
    expect(applied.stderr).toBe('');
    const deployment = operator(combination);
    const user = userOf(deployment);
    const everywhere = granted(objects(combination, 'ClusterRole'));
    const own = granted(objects(combination, 'Role'));
    expect(everywhere.length).toBeGreaterThan(50);
    // The authorizer learns of new roles shortly after.
    await vi.waitFor(async () => expect(await rights(user, APPS), nameOf(combination)).toEqual(everywhere), 10_000);
    const elsewhere = isNamespaced(combination) ? [] : everywhere;
    expect(await rights(user, 'default'), nameOf(combination)).toEqual(elsewhere);
    expect(await rights(user, deployment.metadata.namespace ?? ''), nameOf(combination)).toEqual(
      [...elsewhere, ...own].sort(),
    );
    const bindings = objects(combination, 'ClusterRoleBinding', 'RoleBinding', 'ClusterRole', 'Role');
    const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: bindings });
    expect((await cluster.kubectl(['delete', '-f', '-'], { input: items })).exitCode).toBe(0);
    await eventually(async () => (await rights(user, APPS)).length === 0, { what: 'no rights' });
  }
}, 60_000);
