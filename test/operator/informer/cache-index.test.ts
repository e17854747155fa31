import { expect, test } from 'vitest';
import { CacheIndex } from '../../../operator/informer/cache-index.ts';
import type { InformerEvent } from '../../../operator/informer/informer-event.ts';
import { Store } from '../../../operator/informer/store.ts';
import type { KubernetesObject } from '../../../operator/kubernetes-object.ts';

const object = (name: string, colour?: string): KubernetesObject => ({
  metadata: { namespace: 'shop', name, ...(colour && { labels: { colour } }) },
});
const added = (one: KubernetesObject): InformerEvent<KubernetesObject> => ({ type: 'ADDED', object: one });
const modified = (one: KubernetesObject, previous: KubernetesObject): InformerEvent<KubernetesObject> => ({
  type: 'MODIFIED',
  object: one,
  previous,
});
const names = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata?.name);

test('an index of a store follows every change, and has what was cached before it was added', () => {
  const store = new Store<KubernetesObject>();
  const index = new CacheIndex<KubernetesObject>(({ metadata }) => metadata?.labels?.colour);
  const [a, b, c] = [object('a', 'red'), object('b', 'red'), object('c')];
  store.apply([added(a)]);
  store.addIndex(index);
  store.apply([added(b), added(c)]);
  expect(names(index.get('red'))).toEqual(['a', 'b']);

  const blue = object('a', 'blue');
  store.apply([modified(blue, a)]);
  expect(names(index.get('red'))).toEqual(['b']);
  expect(index.get('blue')).toEqual([blue]);

  store.apply([modified(object('a'), blue), { type: 'DELETED', object: b, previous: b }]);
  expect(index.get('red')).toEqual([]);
  expect(index.get('blue')).toEqual([]);
  expect(store.objects.size).toBe(2);
});
