// The replicas and metrics of one RestAPI since the page was opened. The operator keeps no such history.

/** Most samples kept of each component. */
const MAX_SAMPLES = 2_000;
const UNITS = /** @type {Record<string, number>} */ ({
  '': 1,
  m: 1e-3,
  u: 1e-6,
  n: 1e-9,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
});

/**
 * @typedef {{ at: number, values: Record<string, number | undefined> }} Sample
 * @typedef {import('../rest-api-view.ts').RestApiView} RestApiView
 */

export class ScalingHistory {
  /** @type {Map<string, Sample[]>} */
  #samples = new Map();
  /** @type {number | undefined} */
  #from;

  /** When the first sample was taken, ms since 1970. */
  get from() {
    return this.#from;
  }

  /**
   * Adds the values of a view.
   * @param {RestApiView} view
   * @param {number} at ms since 1970
   */
  add(view, at) {
    this.#from ??= at;
    for (const { name, ready, replicas, scaling } of view.components) {
      /** @type {Sample['values']} */
      const values = { ready, desired: replicas };
      if (scaling) {
        values.min = scaling.min;
        values.max = scaling.max;
        values.forecast = scaling.forecast?.minReplicas;
        for (const { name: metric, current, target } of scaling.metrics) {
          values[`current ${metric}`] = current === undefined ? undefined : numberOf(current);
          values[`target ${metric}`] = numberOf(target);
        }
      }
      this.#take(name, { at, values });
    }
  }

  /**
   * Marks the values as unknown until the next sample.
   * @param {number} at ms since 1970
   */
  gap(at) {
    for (const name of this.#samples.keys()) this.#take(name, { at, values: {} });
  }

  /**
   * The history of one value, as the points of a line.
   * @param {string} component
   * @param {string} what ready, desired, min, max, forecast, `current METRIC` or `target METRIC`
   * @returns {import('./plot.js').Point[]}
   */
  points(component, what) {
    return (this.#samples.get(component) ?? []).map(({ at, values }) => ({ at, value: values[what] }));
  }

  /**
   * @param {string} name
   * @param {Sample} sample
   */
  #take(name, sample) {
    const samples = this.#samples.get(name) ?? [];
    this.#samples.set(name, samples);
    // An unchanged value needs no new sample.
    const last = samples.at(-1);
    if (last && JSON.stringify(last.values) === JSON.stringify(sample.values)) return;
    samples.push(sample);
    if (samples.length > MAX_SAMPLES) samples.shift();
  }
}

/**
 * Parses `70%`, `200m` or `64Mi`. Returns undefined for anything else.
 * @param {string} text
 */
export function numberOf(text) {
  const [, number, unit = ''] = /^([\d.]+)([a-zA-Z]*)%?$/.exec(text) ?? [];
  const size = UNITS[unit];
  return number === undefined || size === undefined ? undefined : Number(number) * size;
}
