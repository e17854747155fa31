/**
 * The algorithm of Kubernetes' HorizontalPodAutoscaler for a target average utilization, after its documentation and
 * pkg/controller/podautoscaler, with the defaults of autoscaling/v2: tolerance 0.1; scale-up by the larger of 4 pods and 100 %
 * per 15 s; scale-down to the highest recommendation of the last 5 minutes.
 */
export class Autoscaler {
  static readonly SYNC_SECONDS = 15;
  static readonly #TOLERANCE = 0.1;
  static readonly #DOWN_STABILISATION_SECONDS = 300;
  readonly #perReplica: number;
  readonly #max: number;
  #wishes: { at: number; replicas: number }[] = [];

  /** @param perReplica usage of one pod at the target */
  constructor({ perReplica, max }: { perReplica: number; max: number }) {
    this.#perReplica = perReplica;
    this.#max = max;
  }

  /**
   * @param now in seconds
   * @param usage total usage of all ready pods
   * @returns the desired number of pods
   */
  sync(now: number, usage: number, pods: { ready: number; starting: number }, min: number): number {
    const current = pods.ready + pods.starting;
    const wish = this.#wish(usage, pods);
    this.#wishes = this.#wishes.filter(({ at }) => at > now - Autoscaler.#DOWN_STABILISATION_SECONDS);
    this.#wishes.push({ at: now, replicas: wish });
    let wanted = wish < current ? Math.min(current, Math.max(...this.#wishes.map(({ replicas }) => replicas))) : wish;
    if (wanted > current) wanted = Math.min(wanted, Math.max(current + 4, current * 2));
    return Math.min(this.#max, Math.max(min, wanted));
  }

  /** Recommendation of the metric. Unready pods count as idle when scaling up, otherwise not at all. */
  #wish(usage: number, { ready, starting }: { ready: number; starting: number }): number {
    const current = ready + starting;
    if (ready === 0) return current;
    const ratio = usage / (ready * this.#perReplica);
    if (Math.abs(ratio - 1) <= Autoscaler.#TOLERANCE) return current;
    if (starting === 0 || ratio < 1) return Math.ceil(ratio * ready);
    const withStarting = usage / (current * this.#perReplica);
    if (Math.abs(withStarting - 1) <= Autoscaler.#TOLERANCE || withStarting < 1) return current;
    return Math.max(current, Math.ceil(withStarting * current));
  }
}
