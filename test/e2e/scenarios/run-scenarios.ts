import { afterAll, beforeAll, test } from 'vitest';
import { SafetyObserver } from '../../src/blue-green/observer.ts';
import { App } from '../../src/blue-green/support.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { type Death, KilledOperator } from './killed-operator.ts';
import { compileOperator, InThisProcess, Processes } from './lives.ts';
import { nodesOf, POOLS, SCENARIOS } from './scenarios.ts';

/**
 * Declares a test for each scenario: what serves goes on serving at every single moment of it.
 * @param death how the operator is killed at its writes; undefined: it lives
 */
export function runScenarios(death: Death | undefined): void {
  let world: OperatorCluster;
  beforeAll(async () => {
    world = await OperatorCluster.start({ kwokNodes: 4, audit: false });
    for (const pool of POOLS) {
      for (let index = 0; index < 4; index++) await world.cluster.addNode(`${pool}-${index}`, nodesOf(pool));
    }
    if (death) await compileOperator(world);
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  // Each in a namespace of its own with an operator of its own: while one waits, the others go on.
  test.concurrent.for(SCENARIOS.map((scenario, index) => ({ ...scenario, namespace: `scenario-${index}` })))(
    '$what: what serves goes on serving at every moment',
    { timeout: 600_000 },
    async (
      { namespace, settings, spec, least = 2, played = () => false, deletes = false, run, process },
      { expect },
    ) => {
      await world.kubectl('create', 'namespace', namespace);
      await using operator = await KilledOperator.start(world, namespace, process ? Processes : InThisProcess);
      const app = await App.start(world, 'shop', settings, spec, namespace);
      await using observer = await SafetyObserver.start(world, { namespace, name: 'shop', least, ordered: true });
      operator.kill(death);
      await run(app, world).catch((error: unknown) => {
        throw new Error(`${error} (its last deaths: ${operator.kills.slice(-20).join(', ')})`, { cause: error });
      });
      operator.kill(undefined);
      await observer.settle();
      expect(observer.guardedSince).toBeDefined();
      if (!deletes) expect(observer.violations.filter((violation) => !played(violation))).toEqual([]);
      if (death) expect(operator.kills.length).toBeGreaterThan(0);
      await world.kubectl('delete', 'restapi', 'shop', '-n', namespace, '--ignore-not-found', '--timeout=60s');
    },
  );
}
