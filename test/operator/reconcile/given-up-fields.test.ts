import { describe, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { DesiredObject } from '../../../operator/reconcile/desired-object.ts';
import { locate, pointerOf } from '../../../operator/reconcile/field-path.ts';
import {
  givenUpFields,
  mergedFields,
  recordedFields,
  removalPatch,
  returnedFields,
  revertedFields,
} from '../../../operator/reconcile/given-up-fields.ts';
import { appliedFields, managersOf } from '../../../operator/reconcile/managed-fields.ts';
import { OWNERSHIP } from './ownership.ts';

/** A Deployment as Kubernetes 1.37 stores and owns it, cut to what matters. */
const LIVE = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'shop',
    uid: 'shop',
    resourceVersion: '7',
    labels: { app: 'shop', tier: 'web' },
    annotations: { 'example.com/applied-hash': 'a', 'example.com/note': 'n' },
    managedFields: [
      {
        manager: 'test',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': {
            'f:annotations': { 'f:example.com/applied-hash': {}, 'f:example.com/note': {} },
            'f:labels': { 'f:app': {}, 'f:tier': {} },
            'f:ownerReferences': { 'k:{"uid":"owner"}': {} },
          },
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:annotations': { 'f:asked': {} }, 'f:labels': { 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"app"}': {
                    '.': {},
                    'f:args': {},
                    'f:env': {
                      'k:{"name":"DEBUG"}': { '.': {}, 'f:name': {}, 'f:value': {} },
                      'k:{"name":"KEEP"}': { '.': {}, 'f:name': {}, 'f:value': {} },
                    },
                    'f:image': {},
                    'f:name': {},
                    'f:ports': {
                      'k:{"containerPort":8080,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:name': {} },
                    },
                    'f:readinessProbe': { 'f:httpGet': { 'f:path': {}, 'f:port': {} } },
                  },
                },
                'f:nodeSelector': {},
              },
            },
          },
        },
      },
      {
        manager: 'kubectl-edit',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: '2026-11-30T00:00:00Z',
        fieldsV1: {
          'f:spec': {
            'f:template': {
              'f:spec': { 'f:containers': { 'k:{"name":"app"}': { 'f:image': {} } }, 'f:hostNetwork': {} },
            },
          },
        },
      },
      {
        manager: 'kube-controller-manager',
        operation: 'Update',
        subresource: 'status',
        fieldsV1: { 'f:status': { 'f:replicas': {} } },
      },
    ],
  },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'shop' } },
    template: {
      metadata: { labels: { app: 'shop' }, annotations: { asked: 'x' } },
      spec: {
        containers: [
          {
            name: 'app',
            image: 'a:1',
            args: ['--seed'],
            env: [
              { name: 'DEBUG', value: '1' },
              { name: 'KEEP', value: 'x' },
              { name: 'THEIRS', value: 'y' },
            ],
            ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
            readinessProbe: { httpGet: { path: '/', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 },
          },
        ],
        nodeSelector: { 'kubernetes.io/os': 'linux' },
      },
    },
  },
} as unknown as StoredObject;

/** The same with args, a variable, a port, a probe, a selector, a label and an annotation less. */
const DESCRIBED = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop', labels: { app: 'shop' }, annotations: { 'example.com/applied-hash': 'b' } },
  spec: {
    selector: { matchLabels: { app: 'shop' } },
    template: {
      metadata: { labels: { app: 'shop' } },
      spec: { containers: [{ name: 'app', image: 'a:2', env: [{ name: 'KEEP', value: 'x' }] }] },
    },
  },
} as unknown as DesiredObject;

const APP = 'spec.template.spec.containers[name=app]';
const ALL = [
  'metadata.annotations.example.com/note',
  'metadata.labels.tier',
  'spec.replicas',
  'spec.template.metadata.annotations.asked',
  `${APP}.args`,
  `${APP}.env[name=DEBUG]`,
  `${APP}.ports[containerPort=8080/TCP]`,
  `${APP}.readinessProbe`,
  'spec.template.spec.nodeSelector',
];
const owned = appliedFields(LIVE, 'test');
const recording = (paths: unknown) => ({
  ...LIVE,
  metadata: { ...LIVE.metadata, annotations: { [OWNERSHIP.givenUpAnnotation]: JSON.stringify(paths) } },
});

describe('the abandoned fields of a description', () => {
  test('are those that its manager owns and no longer describes, except owner references', () => {
    expect(givenUpFields(owned, DESCRIBED, {}, new Set())).toEqual(ALL);
  });

  test('are none if everything is still described', () => {
    expect(givenUpFields(owned, LIVE, {}, new Set())).toEqual([]);
    expect(givenUpFields(appliedFields(LIVE, 'stranger'), DESCRIBED, {}, new Set())).toEqual([]);
  });

  test('exclude fields that stay: defaults and fields with other owners', () => {
    const after = structuredClone(DESCRIBED) as unknown as { spec: { replicas: number; template: { spec: object } } };
    after.spec.replicas = 1;
    Object.assign(after.spec.template.spec, { nodeSelector: { 'kubernetes.io/os': 'linux' } });
    const gone = givenUpFields(owned, DESCRIBED, after, new Set());
    expect(gone).toEqual(ALL.filter((path) => path !== 'spec.replicas' && !path.endsWith('nodeSelector')));
  });

  test('exclude externally managed fields', () => {
    expect(givenUpFields(owned, DESCRIBED, {}, new Set(['spec.replicas']))).not.toContain('spec.replicas');
  });
});

describe('the recorded paths', () => {
  test('are the old and new ones without those described again', () => {
    expect(mergedFields([`${APP}.args`, `${APP}.image`], [`${APP}.args`, 'spec.x'], DESCRIBED, LIVE)).toEqual([
      `${APP}.args`,
      'spec.x',
    ]);
  });

  test('are bounded: a removed parent stands for its parts, an existing parent never does', () => {
    const volumes = Array.from({ length: 250 }, (_, i) => `spec.gone.inner.part${i}`);
    expect(mergedFields([], volumes, DESCRIBED, LIVE)).toEqual(['spec.gone.inner']);
    const labels = Array.from({ length: 250 }, (_, i) => `metadata.labels.l${i}`);
    const kept = mergedFields([], labels, DESCRIBED, LIVE);
    expect(kept).toHaveLength(200);
    expect(kept).toContain('metadata.labels.l249');
    expect(kept).not.toContain('metadata.labels');
  });

  test('are read from an annotation that any client may have written', () => {
    expect(recordedFields(recording(['a', 1, 'b']), OWNERSHIP)).toEqual(['a', 'b']);
    expect(recordedFields(recording({ a: 1 }), OWNERSHIP)).toEqual([]);
    const broken = { metadata: { annotations: { [OWNERSHIP.givenUpAnnotation]: '[' } } };
    expect(recordedFields(broken, OWNERSHIP)).toEqual([]);
  });
});

test('abandoned fields that returned are found and removed from exactly that version', () => {
  const observed = recording([...ALL, 'spec.template.spec.volumes[name=gone]', `${APP}.image`]);
  const returned = returnedFields(DESCRIBED, observed, OWNERSHIP).map(({ path }) => path);
  // The annotations were replaced by the record.
  expect(returned).toEqual(ALL.filter((path) => !path.endsWith('note')));
  expect(removalPatch(observed, [`${APP}.env[name=DEBUG]`, `${APP}.env[name=THEIRS]`, `${APP}.args`])).toEqual([
    { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
    { op: 'replace', path: '/metadata/uid', value: 'shop' },
    { op: 'remove', path: '/spec/template/spec/containers/0/env/2' },
    { op: 'remove', path: '/spec/template/spec/containers/0/env/0' },
    { op: 'remove', path: '/spec/template/spec/containers/0/args' },
  ]);
  expect(removalPatch(observed, [`${APP}.env`, `${APP}.env[name=DEBUG]`]).slice(2)).toEqual([
    { op: 'remove', path: '/spec/template/spec/containers/0/env' },
  ]);
});

test('a path is located even if names contain dots, slashes or brackets', () => {
  const object = {
    data: { a: 'x', 'a.b': 'y', 'a/b~c': 'z', 'a[0]': 'w' },
    finalizers: ['one', 'two'],
    list: [{ id: 5 }],
  };
  const pointer = (path: string) => {
    const place = locate(object, path);
    return place && pointerOf(place);
  };
  expect(pointer('data.a')).toBe('/data/a');
  expect(pointer('data.a.b')).toBe('/data/a.b');
  expect(pointer('data.a/b~c')).toBe('/data/a~1b~0c');
  expect(pointer('data.a[0]')).toBe('/data/a[0]');
  expect(pointer('finalizers[=two]')).toBe('/finalizers/1');
  expect(pointer('list[id=5].id')).toBe('/list/0/id');
  expect(pointer('data.b')).toBeUndefined();
  expect(pointer('data.a.c')).toBeUndefined();
});

test('the manager of a field is read from managedFields', () => {
  expect(managersOf(LIVE, [`${APP}.image`], 'test')).toBe('kubectl-edit (Update)');
  expect(managersOf(LIVE, ['spec.template.spec.hostNetwork'], 'test')).toBe('kubectl-edit (Update)');
  expect(managersOf(LIVE, ['spec.template'], 'test')).toBe('kubectl-edit (Update)');
  expect(managersOf(LIVE, ['spec.host'], 'test')).toBeUndefined();
  expect(managersOf(LIVE, [`${APP}.args`], 'test')).toBeUndefined();
});

describe('the fields that return with an earlier description', () => {
  const hash = `f:${OWNERSHIP.hashAnnotation}`;
  const spec = (fields: object) => ({ 'f:template': { 'f:spec': fields } });
  const undone = {
    manager: 'kubectl-rollout',
    operation: 'Update',
    fieldsV1: {
      'f:metadata': { 'f:annotations': { [hash]: {}, 'f:kubernetes.io/change-cause': {} } },
      'f:spec': spec({ 'f:nodeSelector': {}, 'f:containers': { 'k:{"name":"app"}': { 'f:args': {}, 'f:image': {} } } }),
    },
  };
  const ours = (annotations: object = {}) => ({
    manager: 'test',
    operation: 'Apply',
    fieldsV1: { 'f:metadata': { 'f:annotations': annotations, 'f:labels': { 'f:app': {} } } },
  });
  const reverted = (...managedFields: object[]) =>
    revertedFields({ ...LIVE, metadata: { ...LIVE.metadata, managedFields } }, DESCRIBED, OWNERSHIP, new Set());

  test('are those that the new owner of our hash has set and we do not describe', () => {
    expect(reverted(ours(), undone)).toEqual(['spec.template.spec.nodeSelector', `${APP}.args`]);
  });

  test('exclude fields with other owners', () => {
    const other = { manager: 'other', operation: 'Apply', fieldsV1: { 'f:spec': spec({ 'f:nodeSelector': {} }) } };
    expect(reverted(ours(), undone, other)).toEqual([`${APP}.args`]);
  });

  test('are none while we own the hash, and none in a restored backup', () => {
    expect(reverted(ours({ [hash]: {} }), undone)).toEqual([]);
    expect(reverted(undone)).toEqual([]);
  });
});
