/** As the autoscaler's: a load that is this much above what its pods are to carry brings no further pod. */
const TOLERANCE = 0.1;
/** A forecast has to be this much lower than what a number of pods carries, before it is lowered to that. */
const HYSTERESIS = 0.1;
/** The least time between two steps down. A step up is never held back: it is why there is a forecast. */
const LOWER_EVERY_MS = 30 * 60_000;

/**
 * The least number of pods, from what is forecast, without a change for each small change of the forecast.
 *
 * @param load the most that is to be carried within the horizon
 * @param perReplica how much load one pod carries when it is used as much as it should be
 * @param before what was decided last, and when in ms since 1970 it last changed
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
  // After a clock was set back, the time of the change says nothing.
  const since = now - before.changedAt;
  return since >= 0 && since < LOWER_EVERY_MS ? held : Math.min(held, podsFor(load * (1 + HYSTERESIS)));
}
