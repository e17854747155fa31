import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import {
  Controller,
  CustomResource,
  DependentResource,
  hashKeyRules,
  leaseRules,
  OnAdded,
  OnModified,
  type PolicyRule,
  rbacManifests,
  rbacRules,
  rbacYaml,
  type StoredObject,
} from '../../../operator/index.ts';
import { RestAPIController } from '../../../src/controller/rest-api-controller.ts';
import { HASH_KEY_SECRET } from '../../../src/create-operator.ts';
import { packageRoot } from '../../../src/package/package-root.ts';

@CustomResource({ group: 'rbac.dev', version: 'v1', kind: 'Den', plural: 'dens', scope: 'Namespaced', status: true })
class Den {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];
}

for (const kind of [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'rbac.dev/v1', kind: 'Fox', plural: 'foxen' },
]) {
  DependentResource(
    Den,
    kind,
  )(
    class {
      desired() {
        return undefined;
      }
    },
  );
}

@Controller<Den>({
  resource: Den,
  finalizer: 'rbac.dev/finalizer',
  references: () => [],
  referenceKinds: [{ apiVersion: 'v1', kind: 'Secret' }],
  watches: [{ apiVersion: 'v1', kind: 'Pod', toPrimary: () => undefined }],
  permissions: [
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['delete', 'deletecollection'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings'], verbs: ['get'] },
  ],
})
class DenController {
  @OnAdded()
  reconcile() {}
}

const ALL = ['get', 'list', 'watch', 'create', 'patch', 'delete'];

test('rules are derived from the resource, dependents, watches, reference kinds and permissions', () => {
  const rules: PolicyRule[] = [
    { apiGroups: ['rbac.dev'], resources: ['dens'], verbs: ['list', 'watch', 'patch'] },
    { apiGroups: ['rbac.dev'], resources: ['dens/status'], verbs: ['patch'] },
    { apiGroups: ['rbac.dev'], resources: ['foxen'], verbs: ALL },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ALL },
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch', 'delete', 'deletecollection'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings'], verbs: ['get'] },
  ];
  expect(rbacRules([DenController])).toEqual(rules);
  expect(rbacRules([new DenController()])).toEqual(rules);
});

test('the kinds of references must be listed', () => {
  @Controller<Den>({ resource: Den, finalizer: 'rbac.dev/finalizer', references: () => [] })
  class Unlisted {
    @OnAdded()
    @OnModified()
    async reconcile() {}
  }
  expect(() => rbacRules([Unlisted])).toThrow('Unlisted: @Controller has references but no referenceKinds');
  expect(() => rbacRules([class Plain {}])).toThrow('Plain is not a controller');
});

test('the manifests bind the rules to the ServiceAccount of the operator', () => {
  const options = { name: 'den-operator', namespace: 'den-system', controllers: [DenController] };
  const kinds = rbacManifests(options).map(({ kind, metadata }) => `${kind} ${metadata?.namespace ?? '-'}`);
  expect(kinds).toEqual([
    'ServiceAccount den-system',
    'ClusterRole -',
    'ClusterRoleBinding -',
    'Role den-system',
    'RoleBinding den-system',
  ]);
  const [account, role, binding] = parseAllDocuments(rbacYaml({ ...options, scope: 'Namespace' })).map((document) =>
    document.toJS(),
  );
  expect(account.metadata).toEqual({ name: 'den-operator', namespace: 'den-system' });
  expect(role).toMatchObject({ kind: 'Role', rules: [...rbacRules([DenController]), ...leaseRules('den-operator')] });
  expect(binding).toMatchObject({
    kind: 'RoleBinding',
    roleRef: { kind: 'Role', name: 'den-operator' },
    subjects: [{ kind: 'ServiceAccount', name: 'den-operator', namespace: 'den-system' }],
  });
});

test('a Role cannot grant cluster-scoped kinds', () => {
  @CustomResource({ group: 'rbac.dev', version: 'v1', kind: 'Wood', plural: 'woods', scope: 'Cluster' })
  class Wood {
    metadata!: StoredObject['metadata'];
  }
  @Controller({ resource: Wood, finalizer: 'rbac.dev/finalizer' })
  class WoodController {
    @OnAdded()
    @OnModified()
    async reconcile() {}
  }
  const options = { name: 'woods', namespace: 'woods', controllers: [WoodController], scope: 'Namespace' as const };
  expect(() => rbacManifests(options)).toThrow('WoodController: Wood is cluster-scoped');
});

test('kustomize/base grants the RestAPI operator exactly what its decorators say', async () => {
  const shipped = async (file: string) =>
    (parse(await readFile(join(packageRoot(), 'kustomize', 'base', file), 'utf8')) as { rules: PolicyRule[] }).rules;
  expect(rights(await shipped('cluster-role.yaml'))).toEqual(rights(rbacRules([RestAPIController])));
  expect(rights(await shipped('role.yaml'))).toEqual(
    rights([...leaseRules('restapi-operator'), ...hashKeyRules(HASH_KEY_SECRET)]),
  );
});

/** Each right on its own, however rules group them. */
function rights(rules: readonly PolicyRule[]): string[] {
  return rules
    .flatMap(({ apiGroups, resources, resourceNames = ['*'], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          resourceNames.flatMap((name) => verbs.map((verb) => `${verb} ${resource}.${group} ${name}`)),
        ),
      ),
    )
    .sort();
}
