import { describe, expect, test } from 'vitest';
import { ownerOf, type StoredObject } from '../../../operator/kubernetes-object.ts';
import { conditions } from '../../../operator/reconcile/conditions.ts';
import { desiredObject, hashOf } from '../../../operator/reconcile/desired-object.ts';
import { levels } from '../../../operator/reconcile/levels.ts';
import { mergePatch } from '../../../operator/reconcile/merge-patch.ts';
import { plan } from '../../../operator/reconcile/plan.ts';

const owner: StoredObject = {
  apiVersion: 'example.com/v1',
  kind: 'App',
  metadata: { name: 'app', namespace: 'ns', uid: 'owner', resourceVersion: '1' },
};
const ownership = {
  fieldManager: 'test',
  hashAnnotation: 'example.com/applied-hash',
  dependentAnnotation: 'example.com/dependent',
  retainedAnnotation: 'example.com/retained-for',
  generationAnnotation: 'example.com/made-for',
  termAnnotation: 'example.com/leader-term',
  givenUpAnnotation: 'example.com/given-up-fields',
};
const identity = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespaced: true,
  dependent: 'Card',
  retained: false,
  externallyManaged: [],
};
const describedAs = (data: Record<string, string>) =>
  desiredObject({ metadata: { name: 'cm' }, data } as never, identity, owner, ownership);
const stored = (object: object, metadata: object = {}) => {
  const copy = structuredClone(object) as StoredObject;
  Object.assign(copy.metadata, { uid: 'child', resourceVersion: '5' }, metadata);
  return copy;
};

describe('desiredObject', () => {
  test('adds identity, owner, label and hash', () => {
    expect(describedAs({ a: '1' })).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'cm',
        namespace: 'ns',
        labels: { 'app.kubernetes.io/managed-by': 'test' },
        annotations: {
          'example.com/applied-hash': expect.stringMatching(/^[0-9a-f]{16}$/),
          'example.com/dependent': 'Card',
        },
        ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'App', name: 'app', uid: 'owner', controller: true }],
      },
    });
  });

  test('rejects another namespace and a missing name', () => {
    expect(() =>
      desiredObject({ metadata: { name: 'cm', namespace: 'kube-system' } }, identity, owner, ownership),
    ).toThrow('names namespace kube-system');
    expect(() => desiredObject({}, identity, owner, ownership)).toThrow('has no metadata.name');
  });

  test('a retained object has no owner reference and is found by its annotation', () => {
    const kept = stored(desiredObject({ metadata: { name: 'cm' } }, { ...identity, retained: true }, owner, ownership));
    expect(kept.metadata.ownerReferences).toBeUndefined();
    expect(ownerOf(kept)).toMatchObject({ kind: 'App', name: 'app', uid: 'owner' });
    const broken = stored(kept, { annotations: { 'example.com/retained-for': '{' } });
    expect(ownerOf(broken)).toBeUndefined();
  });

  test('the hash depends on content, not on order', () => {
    expect(hashOf({ a: 1, b: [1, 2] })).toBe(hashOf({ b: [1, 2], a: 1 }));
    expect(hashOf({ b: [1, 2] })).not.toBe(hashOf({ b: [2, 1] }));
    expect(hashOf(JSON.parse('{"__proto__":"a"}'))).not.toBe(hashOf({}));
  });
});

describe('plan', () => {
  const steps = (observed: StoredObject[], data = { a: '1' }) =>
    plan([describedAs(data)], observed, 'owner', ownership);

  test('creates what is missing', () => {
    expect(steps([])).toMatchObject([{ action: 'create' }]);
  });
  test('keeps an object that matches', () => {
    expect(steps([stored(describedAs({ a: '1' }))])).toMatchObject([{ action: 'keep' }]);
  });
  test('distinguishes drift from a changed description', () => {
    const drifted = stored(describedAs({ a: '1' }));
    (drifted as unknown as { data: object }).data = { a: 'theirs' };
    expect(steps([drifted])).toMatchObject([{ action: 'update', drift: true, fields: ['data.a'] }]);
    expect(steps([stored(describedAs({ a: '1' }))], { a: '2' })).toMatchObject([{ action: 'update', drift: false }]);
  });
  test('abandons a field that is no longer described', () => {
    const before = stored(describedAs({ a: '1', b: '2' }));
    expect(steps([before])).toMatchObject([
      { action: 'update', fields: ['metadata.annotations.example.com/applied-hash'] },
    ]);
  });
  test('never changes an object with another controller or none', () => {
    const unmarked = { ownerReferences: [], labels: {} };
    expect(steps([stored(describedAs({ a: '1' }), unmarked)])).toMatchObject([{ action: 'conflict' }]);
    const other = [{ apiVersion: 'example.com/v1', kind: 'App', name: 'app', uid: 'an-older-app', controller: true }];
    expect(steps([stored(describedAs({ a: '1' }), { ownerReferences: other })])).toMatchObject([
      { action: 'conflict' },
    ]);
  });
  test('adopts an object with our marks that has lost its owner reference', () => {
    const orphan = stored(describedAs({ a: '1' }), { ownerReferences: [] });
    expect(steps([orphan])).toMatchObject([
      { action: 'update', drift: true, fields: ['metadata.ownerReferences[uid=owner]'] },
    ]);
  });
  test('waits for an object that is being deleted', () => {
    const going = stored(describedAs({ a: '1' }), { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(steps([going])).toMatchObject([{ action: 'wait' }]);
  });
});

describe('levels', () => {
  class A {}
  class B {}
  class C {}
  test('follow dependsOn', () => {
    const sorted = levels([
      { dependentClass: C, dependsOn: [A, B] },
      { dependentClass: B, dependsOn: [A] },
      { dependentClass: A },
    ]);
    expect(sorted.map((level) => level.map(({ dependentClass }) => dependentClass))).toEqual([[A], [B], [C]]);
  });
  test('reject cycles and unregistered dependents', () => {
    expect(() =>
      levels([
        { dependentClass: A, dependsOn: [B] },
        { dependentClass: B, dependsOn: [A] },
      ]),
    ).toThrow('depend on each other in a cycle: A, B');
    expect(() => levels([{ dependentClass: A, dependsOn: [B] }])).toThrow('A depends on B, which is not registered');
  });
});

describe('mergePatch', () => {
  test.each<[string, object | undefined, object, object | undefined]>([
    ['equal', { a: 1, b: [{ c: 1 }] }, { a: 1, b: [{ c: 1 }] }, undefined],
    ['from nothing', undefined, { a: 1 }, { a: 1 }],
    ['changed inside', { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
    ['removed', { a: 1, b: 2 }, { a: 1 }, { b: null }],
    ['undefined is removed', { a: 1 }, { a: undefined }, { a: null }],
    ['lists whole', { a: [1, 2] }, { a: [1] }, { a: [1] }],
    ['a list element that lost a field', { a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }, { a: [{ b: 1 }] }],
  ])('%s', (_name, from, to, patch) => {
    expect(mergePatch(from, to)).toEqual(patch);
  });
});

test('a message of a condition is cut at the limit of Kubernetes, between characters', () => {
  const ready = { type: 'Ready', status: 'False', reason: 'Waiting' } as const;
  const [long, pair, short] = conditions(undefined, [
    { ...ready, message: 'x'.repeat(200_000) },
    { ...ready, message: `${'x'.repeat(32_767)}\u{1f600}` },
    { ...ready, message: 'short' },
  ]);
  expect(long?.message).toBe('x'.repeat(32_768));
  expect(pair?.message).toBe(`${'x'.repeat(32_767)}\ufffd`);
  expect(short?.message).toBe('short');
});

test('a condition keeps its time while its status stays', () => {
  const at = (text: string) => new Date(text);
  const ready = { type: 'Ready', status: 'False', reason: 'Waiting', message: 'one' } as const;
  const first = conditions(undefined, [ready], at('2026-01-01T00:00:00.123Z'));
  expect(first[0]?.lastTransitionTime).toBe('2026-01-01T00:00:00Z');
  const second = conditions(first, [{ ...ready, message: 'two' }], at('2026-01-02T00:00:00Z'));
  expect(second[0]).toMatchObject({ message: 'two', lastTransitionTime: '2026-01-01T00:00:00Z' });
  const third = conditions(second, [{ ...ready, status: 'True' }], at('2026-01-03T00:00:00Z'));
  expect(third[0]?.lastTransitionTime).toBe('2026-01-03T00:00:00Z');
});
