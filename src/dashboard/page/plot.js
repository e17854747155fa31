// Lines over time as SVG paths. Pure: nothing here touches the page.

/**
 * @typedef {{ at: number, value: number | undefined }} Point `at` in ms since 1970; undefined: unknown from then on
 * @typedef {object} Line
 * @property {string} name
 * @property {string} style CSS class
 * @property {readonly Point[]} points in order of time
 * @property {boolean} [steps] each value holds until the next, as replicas do
 * @typedef {object} Band an area between two lines whose points have the same times
 * @property {string} name
 * @property {string} style
 * @property {readonly Point[]} low
 * @property {readonly Point[]} high
 * @typedef {object} Frame
 * @property {number} from ms since 1970, at the left edge
 * @property {number} to ms since 1970, at the right edge
 * @property {number} [until] ms since 1970, where lines end: now, for example. Default: the right edge
 * @property {number} width in SVG units
 * @property {number} height
 * @property {number} [least] the axis reaches at least this value
 */

const LEFT = 34;
const RIGHT = 6;
const TOP = 8;
const BOTTOM = 18;

/**
 * Computes the paths of a plot and the labels of its axes. Values must be 0 or more; the axis starts at 0.
 * @param {readonly Line[]} lines
 * @param {Frame} frame
 * @param {readonly Band[]} [bands]
 */
export function plot(lines, frame, bands = []) {
  const { from, to, until = to, width, height, least = 1 } = frame;
  const all = [...lines.map(({ points }) => points), ...bands.flatMap(({ low, high }) => [low, high])].flat();
  const top = niceTop(Math.max(least, ...all.map(({ value }) => value ?? 0)));
  const right = width - RIGHT;
  const bottom = height - BOTTOM;
  /** @param {number} at */
  const x = (at) => round(LEFT + ((Math.min(Math.max(at, from), to) - from) / Math.max(1, to - from)) * (right - LEFT));
  /** @param {number} value */
  const y = (value) => round(bottom - (value / top) * (bottom - TOP));
  return {
    width,
    height,
    left: LEFT,
    right,
    bottom,
    /** Grid lines and their labels. */
    levels: [0, top / 2, top].map((value) => ({ y: y(value), text: shortNumber(value) })),
    lines: lines.map(({ name, style, points, steps = false }) => ({
      name,
      style,
      d: path(points, { x, y, from, until }, steps),
    })),
    bands: bands.map(({ name, style, low, high }) => {
      const up = path(high, { x, y, from, until }, true);
      const down = path(low, { x, y, from, until }, true);
      return { name, style, d: up && down && `${up}${reversed(down)}Z` };
    }),
  };
}

/**
 * @param {readonly Point[]} points
 * @param {{ x: (at: number) => number, y: (value: number) => number, from: number, until: number }} scale
 * @param {boolean} steps
 */
function path(points, { x, y, from, until }, steps) {
  let d = '';
  let drawing = false;
  points.forEach(({ at, value }, index) => {
    const end = points[index + 1]?.at ?? until;
    // Segments that end before the left edge are left out; those that start before it are cut off there.
    if (end < from || at > until) return;
    if (value === undefined) {
      drawing = false;
      return;
    }
    d += drawing ? (steps ? `V${y(value)}` : `L${x(at)} ${y(value)}`) : `M${x(at)} ${y(value)}`;
    drawing = true;
    if (steps || index === points.length - 1) d += `H${x(end)}`;
  });
  return d;
}

/**
 * Reverses a path of M, H and V, to append it to another.
 * @param {string} d
 */
function reversed(d) {
  let [x, y] = [0, 0];
  const places = [...d.matchAll(/([MHV])([\d.]+)(?: ([\d.]+))?/g)].map(([, letter, first, second]) => {
    if (letter === 'M') [x, y] = [Number(first), Number(second)];
    else if (letter === 'H') x = Number(first);
    else y = Number(first);
    return `L${x} ${y}`;
  });
  return places.reverse().join('');
}

/** @param {number} value */
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 6, 8, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/**
 * Shortens a number: `2`, `0.5`, `1.2k`.
 * @param {number} value
 */
export function shortNumber(value) {
  for (const [unit, size] of /** @type {const} */ ([
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ])) {
    if (value >= size) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  return String(Number(value.toPrecision(3)));
}
