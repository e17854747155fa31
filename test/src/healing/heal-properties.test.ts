import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  COMPONENTS,
  type ComponentName,
  type HealingRecord,
  POD_RESTARTS,
  REMEMBERED_ACTIONS,
} from '../../../resources/index.ts';
import { componentHealthOf } from '../../../src/healing/component-health.ts';
import { heal } from '../../../src/healing/heal.ts';
import { CALM } from './look.ts';
import { deployment, environment, healing, type Ill, NOW, pod, restApi } from './objects.ts';

const ILL: Ill[] = ['well', 'crashing', 'started once more', 'not ready', 'starting', 'out of memory', 'node lost'];

const spec = fc.record({
  enabled: fc.constant(true),
  restartPods: fc.constantFrom(...POD_RESTARTS),
  restartComponents: fc.boolean(),
  rollback: fc.boolean(),
  maxActions: fc.integer({ min: 1, max: 10 }),
  windowSeconds: fc.integer({ min: 10, max: 4_000 }),
  stuckSeconds: fc.integer({ min: 5, max: 400 }),
});

/** What happens before a look: time passes, and pods are like this by then. */
const moment = fc.record({
  seconds: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2_000 })),
  pods: fc.array(fc.tuple(fc.constantFrom(...COMPONENTS), fc.constantFrom(...ILL), fc.nat(1_000)), { maxLength: 6 }),
  canGoBack: fc.boolean(),
  /** Whether the operator lives until it has written down what became of the action. */
  survives: fc.boolean(),
});

test('in whatever history, no window has more than maxActions, and each pause is twice the one before', () => {
  let acted = 0;
  fc.assert(
    fc.property(spec, fc.array(moment, { minLength: 1, maxLength: 60 }), (given, moments) => {
      const settings = healing(given);
      let now = NOW.getTime();
      let actions: HealingRecord[] = [];
      const times: number[] = [];
      for (const { seconds, pods, canGoBack, survives } of moments) {
        now += seconds * 1_000;
        const api = restApi();
        // They are told from NOW on, which goes on meanwhile.
        const since = (now - NOW.getTime()) / 1_000;
        const ailing = pods.map(([component, ill, ago], index) =>
          pod(component as ComponentName, `${component}-${index}`, ill, ago - since),
        );
        const deployments = COMPONENTS.map((name) => deployment(name));
        const components = componentHealthOf(api, environment(api), deployments, ailing, actions);
        const around = {
          clusterHealth: () => CALM,
          ...(canGoBack && { rollbackFrom: 'new', switchedAt: now - 1_500_000, unhealthySince: now - 1_000_000 }),
        };
        const healed = heal(components, around, settings, actions, new Date(now));
        if (healed.next !== 'act') continue;
        acted += 1;
        times.push(now);
        actions = [{ ...healed.record, ...(survives && { result: 'Done' as const }) }, ...actions];
        actions = actions.slice(0, REMEMBERED_ACTIONS);
      }
      const windowMs = settings.windowSeconds * 1_000;
      for (const [index, at] of times.entries()) {
        const within = times.slice(0, index + 1).filter((earlier) => at - earlier < windowMs);
        expect(within.length).toBeLessThanOrEqual(settings.maxActions);
        const last = times[index - 1];
        if (within.length < 2 || last === undefined) continue;
        const pause = settings.stuckSeconds * 1_000 * 2 ** (within.length - 2);
        expect(at - last).toBeGreaterThanOrEqual(Math.min(pause, windowMs));
      }
    }),
    { numRuns: 2_000 },
  );
  // Of a test in which nothing is ever done nothing could be learned.
  expect(acted).toBeGreaterThan(1_000);
});
