// What an open page has seen of the numbers of pods of one RestAPI. Nobody else keeps it: it begins when the page is opened.

/** Samples kept of each component. */
const MOST = 2_000;
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
   * Takes in what is seen now.
   * @param {RestApiView} view
   * @param {number} at ms since 1970
   */
  add(view, at) {
    this.#from ??= at;
    for (const { name, ready, replicas, scaling } of view.components) {
      /** @type {Sample['values']} */
      const values = { ready, wanted: replicas };
      if (scaling) {
        values.min = scaling.min;
        values.max = scaling.max;
        for (const { name: metric, current, target } of scaling.metrics) {
          values[`current ${metric}`] = current === undefined ? undefined : numberOf(current);
          values[`target ${metric}`] = numberOf(target);
        }
      }
      this.#take(name, { at, values });
    }
  }

  /**
   * Nothing is known from now on, until the next sample.
   * @param {number} at ms since 1970
   */
  gap(at) {
    for (const name of this.#samples.keys()) this.#take(name, { at, values: {} });
  }

  /**
   * What was seen of one number, as the points of a line.
   * @param {string} component
   * @param {string} what ready, wanted, min, max, `current METRIC` or `target METRIC`
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
    // What stays the same needs no samples.
    const last = samples.at(-1);
    if (last && JSON.stringify(last.values) === JSON.stringify(sample.values)) return;
    samples.push(sample);
    if (samples.length > MOST) samples.shift();
  }
}

/**
 * The number that is meant by `70%`, `200m` or `64Mi`; undefined if it is none.
 * @param {string} text
 */
export function numberOf(text) {
  const [, number, unit = ''] = /^([\d.]+)([a-zA-Z]*)%?$/.exec(text) ?? [];
  const size = UNITS[unit];
  return number === undefined || size === undefined ? undefined : Number(number) * size;
}
