import type { HealingRecord, HealingSpec } from '../../resources/index.ts';

/** Whether another action may be begun, and if not, from when on. */
export type Allowance = { allowed: true } | { allowed: false; reason: 'BudgetSpent' | 'BackingOff'; until: number };

/**
 * What is left of the budget: at most maxActions in any windowSeconds, and after each action a pause of stuckSeconds
 * that doubles with each further action in the window. Every action that was written down counts, whatever became of it.
 *
 * @param actions the newest first
 */
export function allowanceOf(actions: readonly HealingRecord[], spec: HealingSpec, now: Date): Allowance {
  const windowMs = spec.windowSeconds * 1_000;
  // A clock that was ahead leaves times to come; they count as well.
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
