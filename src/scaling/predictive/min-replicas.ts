/** As the autoscaler's: a load this much above the target adds no pod. */
const TOLERANCE = 0.1;
/** The forecast must be this much lower than the load a number of pods carries, before replicas are lowered to it. */
const HYSTERESIS = 0.1;
/** The minimum time between two steps down. A step up is never delayed. */
const LOWER_EVERY_MS = 30 * 60_000;

/**
 * The minimum replicas for a forecast load, with hysteresis.
 *
 * @param load the maximum within the horizon
 * @param perReplica load one pod carries at its target utilization
 * @param before the last decision, and when it last changed in ms since 1970
 */
export function minReplicasFor(
  load: number,
  { perReplica, min, max, now }: { perReplica: number; min: number; max: number; now: number },
  before: { minReplicas: number; changedAt: number } | undefined,
): number {
  const podsFor = (amount: number) =>
    Math.min(max, Math.max(min, Math.ceil(amount / (perReplica * (1 + TOLERANCE)) - 1e-9)));
  const needed = podsFor(load);
  if (!before) return needed;
  const held = Math.min(max, Math.max(min, before.minReplicas));
  if (needed >= held) return needed;
  if (held !== before.minReplicas) return held;
  // After a clock was set back, the time of the change is meaningless.
  const since = now - before.changedAt;
  return since >= 0 && since < LOWER_EVERY_MS ? held : Math.min(held, podsFor(load * (1 + HYSTERESIS)));
}
