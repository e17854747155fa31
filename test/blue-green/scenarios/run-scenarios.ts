import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from '../../operator/world.ts';
import { SafetyObserver } from '../observer.ts';
import { App } from '../support.ts';
import { type Death, KilledOperator } from './killed-operator.ts';
import { SCENARIOS } from './scenarios.ts';

/**
 * Declares a test for each scenario: what serves goes on serving at every single moment of it.
 * @param death how the operator is killed at its writes; undefined: it lives
 */
export function runScenarios(death: Death | undefined): void {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ kwokNodes: 4 });
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  test.each(SCENARIOS)(
    '$what: what serves goes on serving at every moment',
    async ({ settings, spec, least = 2, played = () => false, deletes = false, run }) => {
      await using operator = await KilledOperator.start(world);
      const app = await App.start(world, 'shop', settings, spec);
      await using observer = await SafetyObserver.start(world, { namespace: 'default', name: 'shop', least });
      operator.kill(death);
      await run(app, world);
      operator.kill(undefined);
      await observer.settle();
      expect(observer.guardedSince).toBeDefined();
      if (!deletes) expect(observer.violations.filter((violation) => !played(violation))).toEqual([]);
      if (death) expect(operator.kills.length).toBeGreaterThan(0);
      await world.kubectl('delete', 'restapi', 'shop', '--ignore-not-found', '--timeout=60s');
    },
    300_000,
  );
}
