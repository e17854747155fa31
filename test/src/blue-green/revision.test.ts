import { describe, expect, test } from 'vitest';
import {
  DEFAULT_HEALING,
  type RestAPI,
  revisionOf,
  specOf,
  versionOf,
  withCurrentConfig,
} from '../../../resources/index.ts';
import { podTemplate } from '../../../resources/templates/pod-template.ts';
import { stored } from './stored.ts';

const base = stored('registry.example.com/shop:1');

/** The same RestAPI with a change of its spec. */
function changed(change: (spec: RestAPI['spec']) => void): RestAPI {
  const copy = structuredClone(base);
  change(copy.spec);
  return copy;
}

const BASE = revisionOf(base);
const NAME = BASE.name;

test.each<[what: string, change: (spec: RestAPI['spec']) => void]>([
  ['replicas', (spec) => (spec.replicas = 7)],
  ['replicas of a component', (spec) => (spec.model.replicas = 7)],
  ['how a component is reached', (spec) => (spec.model.service = { type: 'NodePort' })],
  ['the host of the view', (spec) => (spec.view.expose = { host: 'shop.example.com' })],
  ['how releases are made', (spec) => (spec.blueGreen = undefined)],
  ['a field that says what would be so anyway', (spec) => (spec.model.probes = {})],
])('no release: %s', (_what, change) => {
  expect(revisionOf(changed(change), {}, [BASE]).name).toBe(NAME);
});

test.each<[what: string, change: (spec: RestAPI['spec']) => void]>([
  ['the image', (spec) => (spec.image = 'registry.example.com/shop:2')],
  ['variables', (spec) => (spec.envVars = { A: 'b' })],
  ['a port, of which all are told', (spec) => (spec.model.port = 9090)],
  ['a component that is switched off', (spec) => (spec.view.enabled = false)],
  ['resources', (spec) => (spec.model.resources = { limits: { cpu: '1' } })],
])('a release: %s', (_what, change) => {
  expect(revisionOf(changed(change), {}, [BASE]).name).not.toBe(NAME);
});

test('healing is no part of a revision', () => {
  const healing = { ...DEFAULT_HEALING, maxActions: 1 };
  const { data } = revisionOf(changed((spec) => (spec.healthCheck = { path: '/well', healing })));
  expect(data.spec.healthCheck).toEqual({ path: '/well' });
});

describe('referenced objects', () => {
  const api = changed((spec) => {
    spec.model.envFrom = [{ secretRef: { name: 'db' } }, { configMapRef: { name: 'settings' } }];
  });
  const contents = (secret: string | null, configMap: string | null) => ({
    'Secret/db': secret,
    'ConfigMap/settings': configMap,
  });
  const first = revisionOf(api, contents('s1', 'c1'));

  test('a ConfigMap is part of the revision, and not of the version', () => {
    const second = revisionOf(api, contents('s1', 'c2'));
    expect(second.name).not.toBe(first.name);
    expect(versionOf(second.name)).toBe(versionOf(first.name));
    expect(first.name).toMatch(/^[0-9a-f]{10}-[0-9a-f]{8}$/);
    expect(NAME).toMatch(/^[0-9a-f]{10}$/);
  });

  test('a Secret is part of neither', () => {
    expect(revisionOf(api, contents('s2', 'c1')).name).toBe(first.name);
  });

  test.each([
    ['Release', 'Ignore'],
    ['Ignore', 'Release'],
  ] as const)('onChange: a Secret %s, a ConfigMap %s', (ofSecret, ofConfigMap) => {
    const other = changed((spec) => {
      spec.model.envFrom = [
        { secretRef: { name: 'db', onChange: ofSecret } },
        { configMapRef: { name: 'settings', onChange: ofConfigMap } },
      ];
    });
    const name = (secret: string, configMap: string) => revisionOf(other, contents(secret, configMap)).name;
    expect(name('s2', 'c1') === name('s1', 'c1')).toBe(ofSecret === 'Ignore');
    expect(name('s1', 'c2') === name('s1', 'c1')).toBe(ofConfigMap === 'Ignore');
  });

  test('onChange is for the operator: pods do not get it', () => {
    const other = changed((spec) => {
      spec.model.envFrom = [{ prefix: 'A_', secretRef: { name: 'db', onChange: 'Ignore' } }];
      spec.model.env = [
        { name: 'B', value: '', valueFrom: { configMapKeyRef: { name: 's', key: 'k', onChange: 'Restart' } } },
      ];
    });
    const template = podTemplate({ name: 'main', api: other, replicas: {}, referenceHashes: {} }, 'model');
    expect(JSON.stringify(template)).not.toContain('onChange');
    expect(template.spec).toMatchObject({
      containers: [
        {
          envFrom: [{}, { prefix: 'A_', secretRef: { name: 'db' } }],
          env: expect.arrayContaining([{ name: 'B', valueFrom: { configMapKeyRef: { name: 's', key: 'k' } } }]),
        },
      ],
    });
  });

  test('while a required ConfigMap is missing, the configuration stays', () => {
    expect(revisionOf(api, contents('s1', null), [first]).name).toBe(first.name);
  });

  test('an earlier version gets new contents of what the spec still references, and keeps the others', () => {
    expect(withCurrentConfig(api, first, contents('s1', 'c2')).name).toBe(revisionOf(api, contents('s1', 'c2')).name);
    expect(withCurrentConfig(base, first, {}).name).toBe(first.name);
  });
});

describe('an upgrade of the operator', () => {
  test('with another default in the CRD makes no new version, also after its ControllerRevision was deleted', () => {
    // As the API server fills it in when the CRD has a default for it.
    const upgraded = changed((spec) => {
      spec.model.drainSeconds = 5;
      spec.minReadySeconds = 10;
    });
    const before = changed((spec) => {
      delete (spec.model as { drainSeconds?: number }).drainSeconds;
    });
    expect(revisionOf(upgraded).name).toBe(revisionOf(before).name);
  });

  test('a version that is kept under an older name keeps it', () => {
    const old = { name: '0123456789abcdef', data: { spec: BASE.data.spec, configHashes: {} } };
    expect(revisionOf(base, {}, [old]).name).toBe(old.name);
    expect(
      revisionOf(
        changed((spec) => (spec.image = 'shop:2')),
        {},
        [old],
      ).name,
    ).not.toBe(old.name);
  });

  test('a field that is newer than a stored revision has its default', () => {
    const { model, ...spec } = structuredClone(BASE.data.spec) as Record<string, Record<string, unknown>>;
    const { drainSeconds: _, ...older } = model ?? {};
    const today = changed((fields) => {
      delete (fields as { minReadySeconds?: number }).minReadySeconds;
    });
    const found = specOf({ spec: { ...spec, model: older } }, today.spec);
    expect(found.model.drainSeconds).toBe(5);
    // What needs no release is that of today.
    expect(found).not.toHaveProperty('minReadySeconds');
  });
});

test('an environment has what it was released with, and what needs no release as it is today', () => {
  const { data } = BASE;
  const today = changed((spec) => {
    spec.image = 'registry.example.com/shop:2';
    spec.model.replicas = 7;
  });
  const spec = specOf(data, today.spec);
  expect(spec.image).toBe(base.spec.image);
  expect(spec.model.replicas).toBe(7);
});
