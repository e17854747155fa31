import { expect, test } from 'vitest';
import { parseRevisions, serializeRevisions } from '../../../resources/index.ts';
import type { ModelCluster } from './model-cluster.ts';
import { annotate, change, image, replicas, rest, serving } from './model-steps.ts';

/** `b` serves in green, `a` is kept in blue, and `c` is held for review. */
function held(): { cluster: ModelCluster; active: string } {
  const cluster = serving({ scaleDownDelaySeconds: 604_800 });
  const active = change(cluster, { image: 'b' });
  rest(cluster);
  change(cluster, { image: 'c' }, { paused: true });
  cluster.run();
  return { cluster, active };
}

test('a ControllerRevision of the active version that is deleted is stored again, with its number', () => {
  const { cluster, active } = held();
  rest(cluster);
  const before = cluster.revisions.find(({ name }) => name === active);
  cluster.revisions = [];
  rest(cluster);
  expect(cluster.revisions).toContainEqual(before);
  expect(image(cluster, 'green')).toEqual(['b']);
  expect(cluster.front).toMatchObject({ environment: 'green', revision: active });
});

test('that of the version before is stored again as well, and is what traffic goes back to', () => {
  const { cluster, active } = held();
  const previous = cluster.front?.previousRevision;
  cluster.revisions = [];
  change(cluster, { image: 'b' }, { paused: false });
  annotate(cluster, 'reject', active);
  rest(cluster);
  expect(cluster.front?.revision).toBe(previous);
});

test('lost in both places: nothing replaces what serves, and the message names the object and the remedies', () => {
  const { cluster, active } = held();
  cluster.revisions = [];
  cluster.backup = [];
  const requested = change(cluster, { image: 'd' });
  const plan = rest(cluster);
  for (const part of [`ControllerRevision shop-${active}`, 'green', `restapi.dev/promote=${requested}`]) {
    expect(plan.frozen).toContain(part);
  }
  expect([image(cluster, 'green'), replicas(cluster, 'green')]).toEqual([['b'], [2, 2, 2, 2]]);
  expect(cluster.front).toMatchObject({ environment: 'green', revision: active });

  annotate(cluster, 'promote', requested);
  rest(cluster);
  expect(image(cluster, 'green')).toEqual(['d']);
  expect(rest(cluster).frozen).toBeUndefined();
});

test('lost in both places, and requested by the spec: it is known from there', () => {
  const { cluster, active } = held();
  cluster.revisions = [];
  cluster.backup = [];
  change(cluster, { image: 'b' });
  const plan = rest(cluster);
  expect(plan.frozen).toBeUndefined();
  expect(cluster.front).toMatchObject({ environment: 'green', revision: active });
  expect(cluster.revisions.map(({ name }) => name)).toContain(active);
});

test('the copy keeps the active revision first; what is too large or no such copy is left out', () => {
  const { cluster } = held();
  const [one, two] = cluster.backup;
  expect(cluster.backup.map(({ name }) => name)).toEqual([cluster.front?.revision, cluster.front?.previousRevision]);
  const text = serializeRevisions(cluster.backup);
  expect(parseRevisions(text)).toEqual(cluster.backup.map(({ name, number, data }) => ({ name, number, data })));
  const large = { name: 'large', number: 9, data: { spec: { text: 'x'.repeat(210_000) }, configHashes: {} } };
  expect(parseRevisions(serializeRevisions([one, large, two].flatMap((found) => found ?? [])))).toHaveLength(1);
  expect(serializeRevisions([large])).toBeUndefined();
  for (const wrong of [undefined, '', '{', '{}', '[1]', '[null]', '[{"name":"a","number":1,"data":{}}]']) {
    expect(parseRevisions(wrong)).toEqual([]);
  }
});
