import type { HealingRecord, HealingSpec } from '../../resources/index.ts';

/** Whether another action is allowed, and if not, when it will be. */
export type Allowance = { allowed: true } | { allowed: false; reason: 'BudgetSpent' | 'BackingOff'; until: number };

/**
 * Checks the budget: at most maxActions in any windowSeconds, and after each action a back-off of stuckSeconds that
 * doubles with each action in the window. Every recorded action counts, whatever its result.
 *
 * @param actions the newest first
 */
export function allowanceOf(actions: readonly HealingRecord[], spec: HealingSpec, now: Date): Allowance {
  const windowMs = spec.windowSeconds * 1_000;
  // A clock that ran ahead leaves future times; they count as well.
  const times = actions
    .map(({ at }) => Date.parse(at))
    .filter((at) => now.getTime() - at < windowMs)
    .sort((a, b) => b - a);
  const [last] = times;
  if (last === undefined) return { allowed: true };
  const oldest = times[spec.maxActions - 1];
  if (oldest !== undefined) return { allowed: false, reason: 'BudgetSpent', until: oldest + windowMs };
  const until = last + Math.min(windowMs, spec.stuckSeconds * 1_000 * 2 ** (times.length - 1));
  return now.getTime() < until ? { allowed: false, reason: 'BackingOff', until } : { allowed: true };
}
