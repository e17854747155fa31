import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withDefaults } from '../../../operator/index.ts';
import { mergePatch } from '../../../operator/reconcile/merge-patch.ts';
import { RestAPI } from '../../../resources/index.ts';
import { seedOf } from '../../support/seed.ts';
import { spec } from './arbitrary.ts';
import { type Answer, Server, sample } from './server.ts';

const CHAINS = 8;
/** Specs of a chain: the first and its edits. */
const LENGTH = 4;
const seed = seedOf('the edits');

let server: Server;
let random: object[];
beforeAll(async () => {
  server = await Server.start();
  random = await randomSpecs(CHAINS * LENGTH);
});
afterAll(() => server?.stop());

type Way = (name: string, before: object, after: object) => Promise<Answer>;

/** The ways to edit a RestAPI: what is sent, for the spec that the author wrote before and the one that he writes now. */
const WAYS: Record<string, Way> = {
  'server-side apply': (name, _before, after) => server.apply(name, sample(name, after)),
  // What is removed from the file becomes null; the rest is sent as written.
  'client-side apply': (name, before, after) => {
    const removed = nulls(mergePatch(before, after) ?? {});
    return server.mergePatch(name, { spec: merged(removed, after) });
  },
  'a merge patch': (name, before, after) => server.mergePatch(name, { spec: mergePatch(before, after) ?? {} }),
};

/** One edit after the other, and what each kind of default once left behind. */
const EDITS: [what: string, specs: [object, ...object[]]][] = [
  ['resources given later', [{}, { view: { resources: { limits: { memory: '1Gi' } } } }]],
  ['no resources given later', [{}, { view: { resources: {} } }]],
  ['no resources after some', [{ view: { resources: { limits: { cpu: '1' } } } }, { view: { resources: {} } }]],
  ['resources no longer given', [{ view: { resources: { limits: { cpu: '1' } } } }, {}]],
  ['autoscaling removed', [{ autoScaling: { model: { maxReplicas: 5 } } }, {}]],
  ['autoscaling by default', [{ autoScaling: { model: { maxReplicas: 5 } } }, { autoScaling: {} }]],
  ['a startup probe removed', [{ healthCheck: { startup: { periodSeconds: 3 } } }, { healthCheck: {} }]],
  [
    'another handler',
    [
      { model: { probes: { liveness: { httpGet: { path: '/a' } } } } },
      { model: { probes: { liveness: { tcpSocket: {} } } } },
    ],
  ],
  [
    'a probe that no longer overrides',
    [
      { healthCheck: { liveness: { enabled: false } }, view: { probes: { liveness: { periodSeconds: 3 } } } },
      { healthCheck: { liveness: { enabled: false } } },
    ],
  ],
  ['storage removed', [{ repository: { storage: { size: '5Gi' } } }, {}]],
  ['metrics removed', [{ observability: { metrics: { path: '/m' } } }, { observability: {} }]],
  [
    'a value from elsewhere',
    [
      { view: { env: [{ name: 'A', value: 'x' }] } },
      { view: { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] } },
    ],
  ],
  [
    'a spread that is strict',
    [
      { view: { topologySpread: [{ topologyKey: 'zone' }] } },
      { view: { topologySpread: [{ topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] } },
    ],
  ],
  ['a Service of the default type', [{ view: { service: { type: 'NodePort' } } }, { view: { service: {} } }]],
  [
    'promotion by default',
    [
      { blueGreen: { enabled: true, autoPromotion: { enabled: false, seconds: 3 } } },
      { blueGreen: { enabled: true, autoPromotion: {} } },
    ],
  ],
];

describe.each(Object.entries(WAYS))('after edits by %s a RestAPI equals a fresh one:', (way, edit) => {
  test.each(EDITS)('%s', async (what, specs) => {
    const name = `${way} ${what}`.replace(/[^a-z]+/g, '-').slice(0, 40);
    const [first, ...later] = specs;
    await begin(name, first);
    let before = first;
    for (const after of later) {
      expect((await edit(name, before, after)).message).toBe('');
      before = after;
    }
    expect(await read(name)).toEqual(await fresh(before));
  });

  test('random specs', async () => {
    let edits = 0;
    for (let chain = 0; chain < CHAINS; chain++) {
      const [first = {}, ...later] = random.slice(chain * LENGTH, (chain + 1) * LENGTH);
      const name = `random-${way.replaceAll(' ', '-')}-${chain}`;
      await begin(name, first);
      let before = first;
      for (const after of later) {
        const { accepted, message } = await edit(name, before, after);
        // Storage cannot be changed in every way, and annotations of `expose` may be an empty map.
        if (!accepted) expect(message).toMatch(/cannot be (changed|decreased)|in body must be of type object: "null"/);
        else before = after;
        if (accepted) edits += 1;
      }
      expect(await read(name), `chain ${chain} of seed ${seed}`).toEqual(await fresh(before));
    }
    expect(edits).toBeGreaterThan(CHAINS);
  });
});

/** Maps that are merged by key. Kubernetes 1.37 makes null of one that is applied as {} after other values, and rejects it. */
const MAPS = new Set(['envVars', 'nodeSelector', 'podLabels', 'podAnnotations']);

/** Valid specs. Without null, without empty maps, and without keys that the patches made here would lose. */
async function randomSpecs(count: number): Promise<object[]> {
  const found: object[] = [];
  for (const any of fc.sample(spec, { numRuns: 100 * count, seed })) {
    if (found.length === count) break;
    if (/null|__proto__|constructor|toString/.test(JSON.stringify(any))) continue;
    const text = JSON.stringify({ image: 'shop', ...(any as object) }, (key, value) =>
      MAPS.has(key) && Object.keys(value).length === 0 ? undefined : value,
    );
    const written = JSON.parse(text);
    if ((await server.tryCreate(sample('fresh', written))).accepted) found.push(written);
  }
  expect(found).toHaveLength(count);
  return found;
}

/** Creates a RestAPI by server-side apply, as the manager whose later edits remove fields. */
async function begin(name: string, written: object): Promise<void> {
  expect((await server.apply(name, sample(name, written))).message).toBe('');
}

async function read(name: string): Promise<object> {
  return filled(JSON.parse(await server.kubectl('get', 'ra', name, '-o', 'json')));
}

async function fresh(written: object): Promise<object> {
  const { object, message } = await server.tryCreate(sample('fresh', written));
  expect(message).toBe('');
  return filled(object);
}

/** Lists that are merged by key. Server-side apply makes one absent that is applied as [] after other values. */
const LISTS = new Set(['imagePullSecrets', 'env', 'prePromotion', 'postPromotion']);

/** As the operator reads it. Nothing depends on whether a list is empty or left out. */
function filled(stored: RestAPI): object {
  const text = JSON.stringify(withDefaults(RestAPI, stored).spec, (key, value) =>
    LISTS.has(key) && value.length === 0 ? undefined : value,
  );
  return JSON.parse(text);
}

/** The removals of a patch. */
function nulls(patch: object): Record<string, unknown> {
  const entries = Object.entries(patch).flatMap(([key, value]): [string, unknown][] => {
    if (value === null) return [[key, null]];
    if (typeof value !== 'object' || Array.isArray(value)) return [];
    const within = nulls(value);
    return Object.keys(within).length > 0 ? [[key, within]] : [];
  });
  return Object.fromEntries(entries);
}

/** What is written, with the removals next to it. */
function merged(removed: Record<string, unknown>, written: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...removed, ...written };
  for (const [key, value] of Object.entries(removed)) {
    const other = (written as Record<string, unknown>)[key];
    if (typeof value === 'object' && value !== null && typeof other === 'object' && other !== null)
      result[key] = merged(value as Record<string, unknown>, other);
  }
  return result;
}
