import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RestAPIStatus } from '../../resources/index.ts';
import { World } from '../operator/world.ts';
import { type Death, KilledOperator } from './killed-operator.ts';
import { SafetyObserver } from './observer.ts';
import { App, NEVER_READY } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({ kwokNodes: 3 });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const SUITE = { name: 'suite', job: { image: 'registry.example.com/tests:1' } };

/** What happens, and how it must end. */
const SCENARIOS: [what: string, settings: object, run: (app: App) => Promise<unknown>][] = [
  [
    'a release',
    {},
    async (app) => {
      await app.image('2.0.0');
      await app.untilActive('green', 120_000);
      await app.untilReplicas('blue', 0, 120_000);
    },
  ],
  [
    'another change in the midst of a release',
    {},
    async (app) => {
      await app.patch({ image: 'registry.example.com/shop:bad', model: { podAnnotations: NEVER_READY } });
      await app.until('the release has begun', ({ release }) => release?.phase === 'Preparing', 120_000);
      await app.patch({ image: 'registry.example.com/shop:3.0.0', model: { podAnnotations: null } });
      const status = await app.untilActive('green', 120_000);
      expect(status.environments?.[0]?.image).toBe('registry.example.com/shop:3.0.0');
    },
  ],
  [
    'a release with Jobs as checks',
    { prePromotion: [SUITE], postPromotion: [SUITE] },
    async (app) => {
      await app.image('2.0.0');
      const passed = ({ checks }: RestAPIStatus) => checks?.stage === 'postPromotion' && checks.result === 'Passed';
      const { checks } = await app.until('all passed', passed, 120_000);
      expect(checks?.checks).toMatchObject([{ attempts: 1, failures: 0 }]);
      await app.untilReplicas('blue', 0, 120_000);
    },
  ],
  [
    'a change back',
    {},
    async (app) => {
      await app.patch({ image: 'registry.example.com/shop:bad', model: { podAnnotations: NEVER_READY } });
      await app.until('the release has begun', ({ release }) => release?.phase === 'Preparing', 120_000);
      await app.patch({ image: 'registry.example.com/shop:1.0.0', model: { podAnnotations: null } });
      await app.untilActive('blue', 120_000);
      await app.untilReplicas('green', 0, 120_000);
    },
  ],
  [
    'a rollback after the old pods have gone',
    {},
    async (app) => {
      await app.image('2.0.0');
      const promoted = await app.untilActive('green', 120_000);
      await app.untilReplicas('blue', 0, 120_000);
      await app.annotate('reject', promoted.environments?.find(({ role }) => role === 'active')?.revision);
      await app.untilActive('blue', 120_000);
    },
  ],
];

describe.each<Death>(['cut-before', 'cut-after-commit'])('killed at its writes (%s)', (death) => {
  test.each(SCENARIOS)(
    '%s: what serves goes on serving at every moment',
    async (_what, settings, run) => {
      await using operator = await KilledOperator.start(world);
      const app = await App.start(world, 'shop', settings);
      await using observer = await SafetyObserver.start(world, { namespace: 'default', name: 'shop', least: 2 });
      operator.kill(death);
      await run(app);
      operator.kill(undefined);
      await observer.settle();
      expect(observer.guardedSince).toBeDefined();
      expect(observer.violations).toEqual([]);
      expect(operator.kills.length).toBeGreaterThan(3);
      await world.kubectl('delete', 'restapi', 'shop', '--timeout=60s');
    },
    300_000,
  );
});
