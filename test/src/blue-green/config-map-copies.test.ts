import { describe, expect, test } from 'vitest';
import {
  ComponentDeployment,
  ConfigMapCopies,
  configMapCopyName,
  EnvironmentConfigMap,
  type RestAPISpec,
  RevisionHistory,
  versionOf,
} from '../../../resources/index.ts';
import { hookJobSpec } from '../../../resources/templates/hook-job-spec.ts';
import { podTemplate } from '../../../resources/templates/pod-template.ts';
import { ModelCluster } from './model-cluster.ts';
import { condition, restOverTime as rest, type Settings } from './model-steps.ts';
import { stored } from './stored.ts';

const SETTINGS = 'ConfigMap/settings';

/** Version `a` serves in blue; its model reads ConfigMap settings. */
function serving(settings: Settings = {}, reference: object = {}): ModelCluster {
  const cluster = new ModelCluster(stored('a', settings));
  cluster.api.spec.model.envFrom = [{ configMapRef: { name: 'settings', ...reference } }];
  cluster.contents = { [SETTINGS]: 'c1' };
  rest(cluster);
  return cluster;
}

const spec = (cluster: ModelCluster, change: Partial<RestAPISpec>) => {
  cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, ...change } };
  return rest(cluster);
};
const edit = (cluster: ModelCluster, content: string | null) => {
  cluster.contents = { [SETTINGS]: content };
  return rest(cluster);
};
const annotate = (cluster: ModelCluster, verb: string, revision: string) => {
  const annotations = { [`restapi.dev/${verb}`]: revision };
  cluster.api = { ...cluster.api, metadata: { ...cluster.api.metadata, annotations } };
  return rest(cluster);
};
const lose = (cluster: ModelCluster, hash: string) => {
  const { [copy(cluster, hash)]: _, ...left } = cluster.configMaps;
  cluster.configMaps = left;
};
const copy = ({ api }: ModelCluster, hash: string | null) => configMapCopyName(api, 'settings', hash);
/** The ConfigMap that the pods of the model read, and what it holds. */
const read = ({ configMaps, environments }: ModelCluster, environment: 'main' | 'blue' | 'green') => {
  const name = environments[environment]?.model?.configMaps[0]?.name ?? '';
  return configMaps[name]?.data?.content ?? name;
};
const active = (cluster: ModelCluster) => read(cluster, cluster.front?.environment ?? 'main');

describe('the configuration is part of the revision', () => {
  test('pods read a copy; an edit is released, an undo restores it', () => {
    const cluster = serving({ scaleDownDelaySeconds: 100_000 });
    const first = String(cluster.front?.revision);
    expect(active(cluster)).toBe('c1');
    edit(cluster, 'c2');
    expect([active(cluster), read(cluster, 'blue')]).toEqual(['c2', 'c1']);
    annotate(cluster, 'rollback-to', first);
    expect([cluster.front?.revision, active(cluster)]).toEqual([first, 'c1']);
    // Also of pods that start later.
    spec(cluster, { replicas: 5 });
    expect(active(cluster)).toBe('c1');
  });

  test('revisions with the same content share a copy, which is collected with the last of them', () => {
    const cluster = serving({ revisionHistoryLimit: 2 });
    spec(cluster, { image: 'b' });
    expect(Object.keys(cluster.configMaps)).toEqual([copy(cluster, 'c1')]);
    edit(cluster, 'c2');
    expect(Object.keys(cluster.configMaps).sort()).toEqual([copy(cluster, 'c1'), copy(cluster, 'c2')].sort());
    edit(cluster, 'c3');
    expect(Object.keys(cluster.configMaps).sort()).toEqual([copy(cluster, 'c2'), copy(cluster, 'c3')].sort());
  });

  test('an optional ConfigMap that did not exist stays absent for the revision', () => {
    const cluster = serving({ scaleDownDelaySeconds: 100_000 }, { optional: true });
    edit(cluster, null);
    expect(active(cluster)).toBe(copy(cluster, null));
    edit(cluster, 'c3');
    expect(active(cluster)).toBe('c3');
    expect(read(cluster, 'green')).toBe(copy(cluster, null));
    const names = cluster.revisions.map(({ data }) => data.configHashes[SETTINGS]);
    expect(names.sort()).toEqual(['c1', 'c3', null]);
  });

  test.each(['Restart', 'Ignore'] as const)('with onChange: %s pods read the live ConfigMap', (onChange) => {
    const cluster = serving({}, { onChange });
    expect(active(cluster)).toBe('settings');
    expect(cluster.configMaps).toEqual({});
  });

  test('a Secret is never copied, whatever a change of it does', () => {
    const cluster = new ModelCluster(stored('a'));
    cluster.api.spec.model.envFrom = [{ secretRef: { name: 'db', onChange: 'Release' } }];
    cluster.contents = { 'Secret/db': 's1' };
    const { decision } = rest(cluster);
    expect(cluster.revisions[0]?.data.configHashes).toEqual({ 'Secret/db': 's1' });
    expect(decision.configMaps).toEqual([]);
    // In the same environment, the pods are replaced when it changes before the promotion.
    const before = decision.environments[0]?.referenceHashes.model;
    cluster.contents = { 'Secret/db': 's2' };
    expect(rest(cluster).decision.environments[0]?.referenceHashes.model).not.toBe(before);
  });

  test('without blue-green releases, and in main until the first release, pods read the live ConfigMap', () => {
    const cluster = serving({ enabled: false });
    expect([active(cluster), cluster.configMaps]).toEqual(['settings', {}]);
    cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, blueGreen: stored('a').spec.blueGreen } };
    const before = cluster.environments.main?.model?.image;
    cluster.run();
    // Enabling them replaces no pod, but its configuration can be gone back to from now on.
    expect(cluster.environments.main?.model?.image).toBe(before);
    expect(Object.keys(cluster.configMaps)).toEqual([copy(cluster, 'c1')]);
    rest(cluster);
    expect([cluster.front?.environment, active(cluster)]).toEqual(['blue', 'c1']);
  });
});

describe('a ConfigMap that goes', () => {
  test('is missed, and the pods of the active revision start without it', () => {
    const cluster = serving();
    const revision = cluster.front?.revision;
    expect(edit(cluster, null)).toMatchObject({ upToDate: true, copied: [SETTINGS] });
    spec(cluster, { replicas: 4 });
    expect([cluster.front?.revision, active(cluster)]).toEqual([revision, 'c1']);
    expect(Object.values(cluster.available('blue'))).toEqual([4, 4, 4, 4]);
    // Another version cannot start, and says so by its references.
    expect(spec(cluster, { image: 'b' })).toMatchObject({ upToDate: false, copied: [] });
    expect(cluster.front?.revision).toBe(revision);
  });

  test('and was never there: once it is created the first version starts without a release', () => {
    const cluster = new ModelCluster(stored('a', { autoPromotion: { enabled: false, seconds: 0 } }));
    cluster.api.spec.model.envFrom = [{ configMapRef: { name: 'settings' } }];
    cluster.contents = { [SETTINGS]: null };
    rest(cluster);
    expect(cluster.available('blue').model).toBe(0);
    const plan = edit(cluster, 'c1');
    expect(cluster.front?.environment).toBe('blue');
    expect(cluster.available('blue').model).toBe(2);
    expect(plan.status.release).toBeUndefined();
    expect(active(cluster)).toBe('c1');
    // Another edit is a release as always.
    expect(edit(cluster, 'c2').status.release).toMatchObject({ phase: 'WaitingForPromotion' });
    expect(active(cluster)).toBe('c1');
  });
});

describe('a copy that is lost', () => {
  test('keeps a rotated Secret from replacing pods that could not start again', () => {
    const cluster = new ModelCluster(stored('a'));
    cluster.api.spec.model.envFrom = [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'db' } }];
    cluster.contents = { [SETTINGS]: 'c1', 'Secret/db': 's1' };
    rest(cluster);
    const active = cluster.front?.environment ?? 'main';
    const before = cluster.environments[active]?.model?.referencesHash;
    lose(cluster, 'c1');
    cluster.contents = { [SETTINGS]: 'c2', 'Secret/db': 's2' };
    cluster.run();
    expect(before).toBeDefined();
    expect(cluster.environments[active]?.model?.referencesHash).toBe(before);
  });

  test('is made again while the ConfigMap has the content', () => {
    const cluster = serving();
    lose(cluster, 'c1');
    expect(condition(cluster.run(), 'ConfigurationLost')).toBeUndefined();
    expect(active(cluster)).toBe('c1');
  });

  test('is said, with what to do, and the active pods are left alone', () => {
    const cluster = serving({ autoPromotion: { enabled: false, seconds: 0 } });
    const pods = JSON.stringify(cluster.environments.blue);
    edit(cluster, 'c2');
    lose(cluster, 'c1');
    const lost = condition(cluster.run(), 'ConfigurationLost');
    expect(lost).toMatchObject({ status: 'True', reason: 'CopyDeleted' });
    for (const part of [copy(cluster, 'c1'), 'ConfigMap settings', String(cluster.front?.revision), 'made again']) {
      expect(lost?.message).toContain(part);
    }
    expect(JSON.stringify(cluster.environments.blue)).toBe(pods);
    edit(cluster, 'c1');
    expect(condition(cluster.run(), 'ConfigurationLost')).toBeUndefined();
    expect(active(cluster)).toBe('c1');
  });

  test('a rollback to its revision is refused, and begins when the content is there again', () => {
    const cluster = serving();
    const first = String(cluster.front?.revision);
    edit(cluster, 'c2');
    const second = cluster.front?.revision;
    lose(cluster, 'c1');
    const plan = annotate(cluster, 'rollback-to', first);
    expect(condition(plan, 'RolledBack')).toMatchObject({ status: 'False', reason: 'ConfigurationLost' });
    expect(condition(plan, 'RolledBack')?.message).toContain(copy(cluster, 'c1'));
    expect([cluster.front?.revision, plan.status.rollback, plan.status.release]).toEqual([
      second,
      undefined,
      undefined,
    ]);
    cluster.configMaps = { ...cluster.configMaps, [copy(cluster, 'c1')]: { data: { content: 'c1' } } };
    rest(cluster);
    expect(cluster.front?.revision).toBe(first);
  });

  test('a rejected revision stays active if the one before it cannot start, and the condition says why', () => {
    const cluster = serving();
    edit(cluster, 'c2');
    const second = String(cluster.front?.revision);
    lose(cluster, 'c1');
    const plan = annotate(cluster, 'reject', second);
    expect(cluster.front?.revision).toBe(second);
    expect(condition(plan, 'Aborted')?.message).toContain(`is lost: ConfigMap ${copy(cluster, 'c1')}`);
  });

  test('pods that run already are switched to', () => {
    const cluster = serving({ scaleDownDelaySeconds: 100_000 });
    const first = String(cluster.front?.revision);
    edit(cluster, 'c2');
    lose(cluster, 'c1');
    annotate(cluster, 'rollback-to', first);
    expect(cluster.front?.revision).toBe(first);
  });
});

describe('what is generated', () => {
  const cluster = serving();
  const { decision } = cluster.run();
  const [environment] = decision.environments;

  test('an immutable ConfigMap with the labels of all objects, whose data need no hash', () => {
    const dependent = new ConfigMapCopies();
    expect(dependent.desired(cluster.api, decision)).toEqual([
      {
        metadata: {
          name: copy(cluster, 'c1'),
          labels: expect.objectContaining({ 'restapi.dev/name': 'shop' }),
          annotations: { 'restapi.dev/copy-of': 'settings' },
        },
        immutable: true,
        data: { content: 'c1' },
      },
    ]);
    expect(dependent.externallyManaged()).toEqual(['data', 'binaryData']);
    expect(dependent.desired(cluster.api)).toEqual([]);
  });

  test('pods and Jobs of hooks read it, by envFrom and by env', () => {
    if (!environment) throw new Error('no environment');
    const api = structuredClone(environment.api);
    api.spec.model.env = [
      { name: 'A', value: '', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a', optional: true } } },
    ];
    const own = { ...environment, api };
    const name = copy(cluster, 'c1');
    for (const generated of [
      podTemplate(own, 'model').spec,
      (
        hookJobSpec({ hook: 'migrate', spec: {}, environment: { ...own, revision: 'r' }, since: '' }) as {
          template: { spec: object };
        }
      ).template.spec,
    ]) {
      expect(generated).toMatchObject({
        containers: [
          {
            envFrom: [{ configMapRef: { name: 'shop-env-blue' } }, { configMapRef: { name } }],
            env: expect.arrayContaining([
              { name: 'A', valueFrom: { configMapKeyRef: { name, key: 'a', optional: true } } },
            ]),
          },
        ],
      });
    }
  });

  test('a Deployment waits for what its own pods read, and for what all need', () => {
    const dependent = new ComponentDeployment();
    const model = dependent.desired(cluster.api, decision).find(({ metadata }) => metadata?.name === 'shop-model-blue');
    const waits = (needed: unknown, name: string) => model && dependent.waitsFor(model, { dependent: needed, name });
    expect(waits(ConfigMapCopies, copy(cluster, 'c1'))).toBe(true);
    expect(waits(ConfigMapCopies, copy(cluster, 'c2'))).toBe(false);
    expect(waits(EnvironmentConfigMap, 'shop-env-blue')).toBe(true);
    expect(waits(EnvironmentConfigMap, 'shop-env-green')).toBe(false);
    expect(waits(RevisionHistory, 'shop-other')).toBe(true);
  });

  test.each(['a', `${'x'.repeat(62)}.y`, 'x'.repeat(253)])('its name is valid: of ConfigMap %s', (source) => {
    const name = configMapCopyName(cluster.api, source, 'c1');
    expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
    expect(name.length).toBeLessThanOrEqual(253);
    expect(name).not.toBe(configMapCopyName(cluster.api, source, 'c2'));
    expect(name).not.toBe(configMapCopyName(cluster.api, `${source}z`, 'c1'));
  });
});

test('an edit changes the revision and not the version', () => {
  const cluster = serving();
  const before = String(cluster.front?.revision);
  edit(cluster, 'c2');
  expect(cluster.front?.revision).not.toBe(before);
  expect(versionOf(String(cluster.front?.revision))).toBe(versionOf(before));
});
