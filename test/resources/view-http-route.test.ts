import { expect, test } from 'vitest';
import type { Condition, StoredObject } from '../../operator/index.ts';
import { type HTTPRoute, RestAPI, type RouteParentStatus, ViewHTTPRoute } from '../../resources/index.ts';

const PUBLIC = { name: 'public', namespace: 'infra' };
const HERE = { name: 'public' };

const condition = (type: string, status: Condition['status'], observedGeneration?: number): Condition => ({
  type,
  status,
  reason: 'Because',
  message: 'of that',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...(observedGeneration === undefined ? {} : { observedGeneration }),
});
const GOOD = [condition('Accepted', 'True', 2), condition('ResolvedRefs', 'True', 2)];
const parent = (parentRef: typeof PUBLIC | typeof HERE, conditions: Condition[] | undefined): RouteParentStatus =>
  ({ parentRef, controllerName: 'example.com/gw', conditions }) as RouteParentStatus;

function ready(wanted: typeof PUBLIC | typeof HERE, ...parents: RouteParentStatus[]): true | string {
  const metadata = { name: 'shop-view', namespace: 'default', uid: 'u', resourceVersion: '1', generation: 2 };
  const spec = { parentRefs: [wanted], hostnames: [], rules: [] };
  return new ViewHTTPRoute().ready({ metadata, spec, status: { parents } } as StoredObject<HTTPRoute>);
}

test.each<[what: string, is: true | string, verdict: true | string]>([
  ['accepted and resolved', ready(PUBLIC, parent(PUBLIC, GOOD)), true],
  ['no controller', ready(PUBLIC), 'no Gateway controller has processed it yet'],
  [
    'a controller without conditions',
    ready(PUBLIC, parent(PUBLIC, undefined)),
    'no Gateway controller has processed it yet',
  ],
  ['status of another Gateway only', ready(PUBLIC, parent(HERE, GOOD)), 'no Gateway controller has processed it yet'],
  ['a Gateway in the same namespace, left out', ready(HERE, parent(HERE, GOOD)), true],
  [
    'a Gateway in the same namespace, explicit',
    ready(HERE, parent({ name: 'public', namespace: 'default' }, GOOD)),
    true,
  ],
  [
    'not accepted',
    ready(PUBLIC, parent(PUBLIC, [condition('Accepted', 'False', 2), condition('ResolvedRefs', 'True', 2)])),
    'example.com/gw reports Accepted=False (Because): of that',
  ],
  [
    'not resolved',
    ready(PUBLIC, parent(PUBLIC, [condition('Accepted', 'True', 2), condition('ResolvedRefs', 'False', 2)])),
    'example.com/gw reports ResolvedRefs=False (Because): of that',
  ],
  [
    'conditions of an older generation',
    ready(PUBLIC, parent(PUBLIC, [condition('Accepted', 'True', 1), condition('ResolvedRefs', 'True', 1)])),
    'example.com/gw has not processed the latest change yet',
  ],
  [
    'conditions without a generation',
    ready(PUBLIC, parent(PUBLIC, [condition('Accepted', 'True'), condition('ResolvedRefs', 'True')])),
    true,
  ],
  [
    'accepted only',
    ready(PUBLIC, parent(PUBLIC, [condition('Accepted', 'True', 2)])),
    'example.com/gw has not reported all conditions yet',
  ],
  [
    'conditions of other types are ignored',
    ready(PUBLIC, parent(PUBLIC, [...GOOD, condition('example.com/Cached', 'False', 1)])),
    true,
  ],
])('an HTTPRoute: %s', (_what, is, verdict) => {
  expect(is).toBe(verdict);
});

test('a disabled view has no route', () => {
  const view = { enabled: false, expose: { host: 'a.b', gateway: HERE }, port: 3000 };
  const spec = { model: {}, view, controller: {}, repository: {} };
  const api = Object.assign(new RestAPI(), { metadata: { name: 'shop' }, spec });
  expect(new ViewHTTPRoute().desired(api)).toBeUndefined();
});
