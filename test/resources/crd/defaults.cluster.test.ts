import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validateResource, withDefaults } from '../../../operator/index.ts';
import { mergePatch } from '../../../operator/reconcile/merge-patch.ts';
import { RestAPI } from '../../../resources/index.ts';
import { spec } from './arbitrary.ts';
import { type Answer, Server, sample } from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await Server.start();
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
    let number = 0;
    let edits = 0;
    const property = fc.asyncProperty(fc.array(valid, { minLength: 4, maxLength: 4 }), async (written) => {
      const found: object[] = [];
      for (const one of written) if (await accepted(one)) found.push({ image: 'shop', ...(one as object) });
      const [first, ...later] = found;
      if (!first) return;
      const name = `random-${way.replaceAll(' ', '-')}-${number++}`;
      await begin(name, first);
      let before = first;
      for (const after of later) {
        const { accepted, message } = await edit(name, before, after);
        // Storage cannot be changed in every way, and Kubernetes 1.37 makes null of a map that is applied as {}.
        if (!accepted) expect(message).toMatch(/cannot be (changed|decreased)|in body must be of type object: "null"/);
        else before = after;
        edits += 1;
      }
      expect(await read(name)).toEqual(await fresh(before));
    });
    await fc.assert(property, { numRuns: 12, endOnFailure: true });
    expect(edits).toBeGreaterThan(5);
  });
});

/** Few random specs are valid. Those that the classes admit are asked of the API server. */
const valid = spec.filter((one) => isPlain(one) && validateResource(RestAPI, sample('fresh', one)).length === 0);

/** Creates a RestAPI by server-side apply, as the manager whose later edits remove fields. */
async function begin(name: string, written: object): Promise<void> {
  expect((await server.apply(name, sample(name, written))).message).toBe('');
}

/** Whether it holds no null, and no key that the patches made here would lose. */
function isPlain(written: unknown): boolean {
  return !/null|__proto__|constructor|toString/.test(JSON.stringify(written));
}

async function accepted(written: unknown): Promise<boolean> {
  return (await server.tryCreate(sample('fresh', written))).accepted;
}

async function read(name: string): Promise<object> {
  return comparable(JSON.parse(await server.kubectl('get', 'ra', name, '-o', 'json')));
}

async function fresh(written: object): Promise<object> {
  const { object, message } = await server.tryCreate(sample('fresh', written));
  expect(message).toBe('');
  return comparable(object);
}

/**
 * With all defaults, and without empty lists, which then mean the same as none: server-side apply leaves either, whichever a list
 * by keys was before.
 */
function comparable(object: RestAPI): object {
  const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;
  return JSON.parse(
    JSON.stringify(withDefaults(RestAPI, object).spec, (_, value) => (isEmpty(value) ? undefined : value)),
  );
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
