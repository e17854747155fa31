import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HealingRecord } from '../../../resources/index.ts';
import { ACTIONS_PER_MINUTE, type Share, type StartedAction, shareOf } from '../../../src/healing/action-shares.ts';
import { clusterHealthOf } from '../../../src/healing/cluster-health.ts';
import { summarizeCluster } from '../../../src/healing/cluster-summary.ts';
import { ago, NOW, record, restApi } from './objects.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const share = (namespace: string, actions: [namespace: string, secondsAgo: number][], waiting: string[] = []) =>
  shareOf(
    namespace,
    actions.map(([of, seconds]) => ({ namespace: of, at: NOW.getTime() - seconds * SECOND })),
    new Map(waiting.map((of, index) => [of, NOW.getTime() - (10 - index) * SECOND])),
    NOW.getTime(),
  );
const inSeconds = (seconds: number) => NOW.getTime() + seconds * SECOND;

/** One of five is free; the last action of `d` is over. */
const FOUR_SPENT: [string, number][] = [
  ['a', 50],
  ['a', 40],
  ['b', 20],
  ['c', 10],
  ['d', 90],
];

test.each<[what: string, actual: () => Share, expected: Share]>([
  [
    'a namespace alone starts',
    () =>
      share('a', [
        ['a', 50],
        ['a', 40],
      ]),
    { allowed: true },
  ],
  [
    'it gets three of five',
    () =>
      share('a', [
        ['a', 50],
        ['a', 40],
        ['a', 30],
      ]),
    { allowed: false, spent: 'share', until: inSeconds(10) },
  ],
  [
    'a newcomer finds one free',
    () =>
      share('b', [
        ['a', 50],
        ['a', 40],
        ['a', 30],
      ]),
    { allowed: true },
  ],
  [
    'when all five are spent',
    () =>
      share('d', [
        ['a', 50],
        ['a', 40],
        ['a', 30],
        ['b', 20],
        ['c', 10],
      ]),
    { allowed: false, spent: 'pool', until: inSeconds(10) },
  ],
  [
    'older ones do not count',
    () =>
      share('a', [
        ['a', 61],
        ['a', 60],
        ['a', 30],
      ]),
    { allowed: true },
  ],
  [
    'of those that wait the one that acted longest ago goes first',
    () => share('d', FOUR_SPENT, ['e', 'd']),
    { allowed: false, spent: 'turn', until: inSeconds(5) },
  ],
  ['that one itself', () => share('e', FOUR_SPENT, ['e', 'd']), { allowed: true }],
  [
    'where there are enough for both',
    () =>
      share(
        'd',
        [
          ['a', 50],
          ['d', 90],
        ],
        ['e', 'd'],
      ),
    { allowed: true },
  ],
])('%s', (_what, actual, expected) => {
  expect(actual()).toEqual(expected);
});

/** Namespaces that want to act at random times; some always do, and ask first. */
const fleet = fc.record({
  names: fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'), { minLength: 2, maxLength: 12 }),
  greedy: fc.nat(3),
  asks: fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.boolean()), { minLength: 50, maxLength: 300 }),
});

test('in whatever fleet, no minute has more than five actions, and no namespace more than three of them', () => {
  let acted = 0;
  fc.assert(
    fc.property(fleet, ({ names, greedy, asks }) => {
      const actions: StartedAction[] = [];
      const waiting = new Map<string, number>();
      let now = 0;
      const ask = (namespace: string) => {
        if (!shareOf(namespace, actions, waiting, now).allowed) {
          if (!waiting.has(namespace)) waiting.set(namespace, now);
          return;
        }
        waiting.delete(namespace);
        actions.push({ namespace, at: now });
      };
      for (const [seconds, who, insists] of asks) {
        now += seconds * SECOND;
        for (const name of names.slice(0, greedy)) ask(name);
        if (insists) ask(names[who % names.length] ?? '');
      }
      acted += actions.length;
      for (const { at } of actions) {
        const near = actions.filter((other) => other.at <= at && at - other.at < MINUTE);
        expect(near.length).toBeLessThanOrEqual(ACTIONS_PER_MINUTE);
        for (const name of names) {
          expect(near.filter(({ namespace }) => namespace === name).length).toBeLessThanOrEqual(3);
        }
      }
    }),
    { numRuns: 300 },
  );
  expect(acted).toBeGreaterThan(1_000);
});

test('however many wait, whoever asks first, nothing lies idle, and each has its turn', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.infiniteStream(fc.nat(100)), (count, random) => {
      const names = Array.from({ length: count }, (_, index) => `tenant-${index}`);
      const actions: StartedAction[] = [];
      const waiting = new Map<string, number>();
      const lastOf = new Map<string, number>(names.map((name) => [name, 0]));
      let longest = 0;
      for (let second = 1; second <= 600; second += 1) {
        const now = second * SECOND;
        // The first tenant has a thousand RestAPIs: it asks first, and again and again.
        const others = names.slice(1);
        const from = (random.next().value ?? 0) % Math.max(1, others.length);
        for (const namespace of [...names.slice(0, 1), ...others.slice(from), ...others.slice(0, from)]) {
          if (!shareOf(namespace, actions, waiting, now).allowed) {
            if (!waiting.has(namespace)) waiting.set(namespace, now);
            continue;
          }
          waiting.delete(namespace);
          actions.push({ namespace, at: now });
          longest = Math.max(longest, now - (lastOf.get(namespace) ?? 0));
          lastOf.set(namespace, now);
        }
      }
      // In a steady state each has five for all of them, but for what a few had in advance.
      expect(longest).toBeLessThanOrEqual((Math.ceil((count + ACTIONS_PER_MINUTE) / ACTIONS_PER_MINUTE) + 1) * MINUTE);
      for (const name of names) expect(lastOf.get(name)).toBeGreaterThan(600 * SECOND - longest - 4 * MINUTE);
      const spent = actions.filter(({ at }) => at > 540 * SECOND).length;
      // With fewer than five tenants, one may stay free for another.
      expect(spent).toBeGreaterThanOrEqual(count < 5 ? 4 : ACTIONS_PER_MINUTE);
    }),
    { numRuns: 60 },
  );
});

/** A tenant with any number of RestAPIs in any state, which has been healed as often as it may. */
const tenant = fc.array(
  fc.record({
    phase: fc.constantFrom('Ready', 'Degraded', 'Progressing', 'Failed'),
    waits: fc.boolean(),
    unhealthySince: fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 40 },
);

test('in whatever fleet, one tenant alone neither holds the restarts of another nor spends its share', () => {
  fc.assert(
    fc.property(
      tenant,
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.nat(60), { maxLength: 20 }),
      (apis, others, times) => {
        let actions: HealingRecord[] = [];
        for (const seconds of times.toSorted((a, b) => b - a)) {
          const before = actions.map(({ at }) => ({ namespace: 'tenant', at: Date.parse(at) }));
          if (!shareOf('tenant', before, new Map(), Date.parse(ago(seconds))).allowed) continue;
          actions = [record(seconds), ...actions];
        }
        const ill = apis.map(({ phase, waits, unhealthySince }, index) => {
          const held = { type: 'HealingHeld', status: 'True', reason: 'ManyActions', lastTransitionTime: ago(30) };
          const healing = {
            actions: index === 0 ? actions : [],
            ...(unhealthySince !== undefined && { unhealthySince: ago(unhealthySince) }),
          };
          const api = restApi(`ill-${index}`, { phase, healing, conditions: waits ? [held] : [] });
          return { ...api, metadata: { ...api.metadata, namespace: 'tenant' } };
        });
        // Another one, with one RestAPI that is ill as well.
        const patient = restApi('patient', { phase: 'Degraded' });
        const healthy = Array.from({ length: others }, (_, index) => {
          const api = restApi(`healthy-${index}`, { phase: 'Ready' });
          return { ...api, metadata: { ...api.metadata, namespace: `other-${index}` } };
        });
        const health = clusterHealthOf(
          summarizeCluster([...ill, patient, ...healthy], [], []),
          patient,
          undefined,
          NOW,
        );
        expect(health).toMatchObject({ mostDegraded: false, share: { allowed: true } });
      },
    ),
    { numRuns: 500 },
  );
});
