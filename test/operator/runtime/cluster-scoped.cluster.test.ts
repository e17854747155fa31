import { Type } from 'class-transformer';
import { IsString, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import {
  Controller,
  CustomResource,
  type Dependent,
  DependentResource,
  type KubernetesObject,
  OnAdded,
  OnDeleted,
  OnModified,
  type ReconcileContext,
  type ResourceEvent,
  type StoredObject,
} from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { PlainCluster } from '../../support/plain-cluster.ts';

class TeamSpec {
  @IsString()
  namespace!: string;

  @IsString()
  secret!: string;
}

@CustomResource({ group: 'teams.dev', version: 'v1', kind: 'Team', plural: 'teams', scope: 'Cluster', status: true })
class Team {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => TeamSpec)
  spec!: TeamSpec;
}

type ConfigMap = KubernetesObject & { data?: Record<string, string> };

/** The same name in two namespaces: of one team, and no contradiction. */
@DependentResource(Team, { apiVersion: 'v1', kind: 'ConfigMap' })
class TeamRules implements Dependent<Team, ConfigMap> {
  desired({ metadata, spec }: Team): ConfigMap[] {
    const data = { team: metadata.name };
    return [spec.namespace, 'default'].map((namespace) => ({ metadata: { name: 'rules', namespace }, data }));
  }
}

@DependentResource(Team, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', namespaced: false })
class TeamRole implements Dependent<Team> {
  desired({ metadata }: Team): KubernetesObject {
    return { metadata: { name: `team-${metadata.name}` } };
  }
}

@Controller<Team>({
  resource: Team,
  finalizer: 'teams.dev/finalizer',
  references: ({ spec }) => [{ apiVersion: 'v1', kind: 'Secret', name: spec.secret, namespace: spec.namespace }],
  watches: [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      labelSelector: 'teams.dev/team',
      toPrimary: ({ metadata }) => metadata.labels?.['teams.dev/team'],
    },
  ],
})
class TeamController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Team>) {
    await context.apply();
    const members = context.watched('ServiceAccount').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    const live = await context.listLive({ apiVersion: 'v1', kind: 'ServiceAccount' }, 'teams.dev/team', 'default');
    const own = context.observed(TeamRules).map(({ metadata }) => metadata.namespace);
    return {
      status: {
        secret: context.references[0]?.hash ?? 'none',
        members: members.join(),
        live: live.length,
        rules: own.sort().join(),
        roles: context.observed(TeamRole).length,
      },
    };
  }

  @OnDeleted()
  async cleanUp(_event: ResourceEvent, context: ReconcileContext<Team>) {
    return { keepFinalizer: (await context.deleteDependents()) > 0 };
  }
}

test('D16: a cluster-scoped resource can have dependents, references and watched objects in namespaces', async () => {
  await using plain = await PlainCluster.serving(Team);
  await plain.kubectl(['create', 'namespace', 'blue']);
  await plain.operate('coach', TeamController);
  await plain.apply({
    apiVersion: 'teams.dev/v1',
    kind: 'Team',
    metadata: { name: 'a' },
    spec: { namespace: 'blue', secret: 'key' },
  });
  const status = () => plain.get('team', 'a').then((team) => team?.status);
  const rules = async (namespace: string) => {
    const printed = await plain.kubectl([
      'get',
      'configmap',
      'rules',
      '-n',
      namespace,
      '-o',
      'json',
      '--ignore-not-found',
    ]);
    return printed === '' ? undefined : JSON.parse(printed);
  };
  await eventually(async () => (await status())?.rules === 'blue,default', { what: 'both ConfigMaps' });
  expect((await rules('blue')).data).toEqual({ team: 'a' });
  expect((await rules('default')).data).toEqual({ team: 'a' });
  await eventually(async () => (await status())?.roles === 1);

  // A referenced object in a namespace: found, and followed.
  expect((await status())?.secret).toBe('none');
  await plain.kubectl(['create', 'secret', 'generic', 'key', '-n', 'blue', '--from-literal=a=1']);
  const first = await eventually(async () =>
    (await status())?.secret !== 'none' ? (await status())?.secret : undefined,
  );
  await plain.kubectl(['patch', 'secret', 'key', '-n', 'blue', '-p', '{"stringData":{"a":"2"}}']);
  await eventually(async () => (await status())?.secret !== first);

  // An observed object of any namespace belongs to it by its label alone.
  await plain.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'kim', namespace: 'default', labels: { 'teams.dev/team': 'a' } },
  });
  await eventually(async () => (await status())?.members === 'default/kim' && (await status())?.live === 1);

  // Drift is found in each namespace; what is no longer described goes, and only that.
  await plain.kubectl(['patch', 'configmap', 'rules', '-n', 'blue', '-p', '{"data":{"team":"b"}}']);
  await eventually(async () => (await rules('blue')).data.team === 'a');
  await plain.kubectl(['create', 'namespace', 'green']);
  await plain.kubectl(['patch', 'team', 'a', '--type=merge', '-p', '{"spec":{"namespace":"green"}}']);
  await eventually(async () => (await rules('green')) !== undefined && (await rules('blue')) === undefined);
  expect(await rules('default')).toBeDefined();

  await plain.kubectl(['delete', 'team', 'a', '--timeout=60s']);
  expect(await rules('green')).toBeUndefined();
  expect(await rules('default')).toBeUndefined();
});
