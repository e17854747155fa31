// Numbers of pods: as they are, and over the time the page has been open.
import { h, svg } from './dom.js';
import { row, section, table } from './parts.js';
import { plot } from './plot.js';
import { now, span } from './time.js';

/**
 * @typedef {import('../rest-api-view.ts').RestApiView} RestApiView
 * @typedef {import('../rest-api-view.ts').ComponentView} ComponentView
 * @typedef {import('./scaling-history.js').ScalingHistory} ScalingHistory
 * @typedef {import('./plot.js').Line} Line
 * @typedef {import('./plot.js').Band} Band
 */

const WIDTH = 320;
const HEIGHT = 110;
/** So much is shown at most, milliseconds. */
const LONGEST_MS = 30 * 60_000;
const SHORTEST_MS = 60_000;

/**
 * @param {RestApiView} view
 * @param {ScalingHistory} history
 */
export function scaling({ components }, history) {
  if (components.length === 0) return null;
  const seenFrom = history.from ?? now();
  const until = now();
  const from = Math.max(seenFrom, until - LONGEST_MS);
  const to = Math.max(until, from + SHORTEST_MS);
  const forecasts = components.some(({ scaling: one }) => one?.forecast);
  const sized = components.some(({ recommended }) => recommended);
  const scaled = sized || components.some(({ scaling: one }) => one);
  const rows = components.map(({ name, ready, replicas, scaling: one, recommended }) =>
    row(name, 'Component', h('span', { class: 'component' }, name), [
      ['Ready', `${ready}`],
      ['Wanted', `${one?.desired ?? replicas}`],
      ['Fewest', `${one?.min ?? '–'}`],
      ['Most', `${one?.max ?? '–'}`],
      ...(sized ? [cell('Should request', recommended ? amounts(recommended) : '–')] : []),
      ['Load', one ? loads(one.metrics) : h('span', { class: 'faint' }, 'as many pods as the spec says')],
      ...(forecasts ? [cell('Forecast', one?.forecast ? forecastWords(one.forecast) : '–')] : []),
    ]),
  );
  // Where nothing is recommended or forecast there is no column for it.
  const columns = [
    'Component',
    'Ready',
    'Wanted',
    'Fewest',
    'Most',
    ...(sized ? ['Should request'] : []),
    'Load',
    ...(forecasts ? ['Forecast'] : []),
  ];
  return section(
    'scaling',
    'Scaling',
    'scaling',
    scaled && table('Numbers of pods', columns, [h('tbody', { role: 'rowgroup' }, rows)]),
    h(
      'div',
      { class: 'plots' },
      components.flatMap((component) => plotsOf(component, history, { from, to, until })),
    ),
    h('p', { class: 'faint' }, `As this page has seen it in the last ${span(until - from)}.`),
  );
}

/**
 * @param {string} column
 * @param {string} content
 * @returns {[string, string]}
 */
function cell(column, content) {
  return [column, content];
}

/** @param {import('../../../resources/api/scaling-status.ts').ForecastStatus} forecast */
function forecastWords({ reliable, minReplicas, errorPercent }) {
  const wrong = errorPercent === undefined ? 'not known yet how good' : `lately ${errorPercent} % off`;
  return `${minReplicas} ${minReplicas === 1 ? 'pod' : 'pods'}, ${wrong}${reliable ? '' : ': not followed'}`;
}

/** @param {{ cpu?: string, memory?: string }} recommended */
function amounts({ cpu, memory }) {
  return [cpu && `cpu ${cpu}`, memory && `memory ${memory}`].filter(Boolean).join(', ');
}

/** @param {readonly { name: string, current?: string, target: string }[]} metrics */
function loads(metrics) {
  return metrics.map(({ name, current, target }) => {
    return h('span', { class: 'load', 'data-key': name }, `${name} `, h('b', {}, current ?? '?'), ` of ${target}`);
  });
}

/**
 * @param {ComponentView} component
 * @param {ScalingHistory} history
 * @param {{ from: number, to: number, until: number }} time
 */
function plotsOf({ name, ready, replicas, scaling: one, forecast }, history, time) {
  /** @param {string} what */
  const points = (what) => history.points(name, what);
  /** @type {Band[]} */
  const bounds = one ? [{ name: 'bounds', style: 'bounds', low: points('min'), high: points('max') }] : [];
  const pods = figure(
    `${name}-pods`,
    `${name}: pods`,
    `${name}: ${ready} of ${replicas} pods ready${one ? `, from ${one.min} to ${one.max}` : ''}`,
    [
      { name: 'wanted', style: 'wanted', points: points('wanted'), steps: true },
      { name: 'ready', style: 'ready', points: points('ready'), steps: true },
      ...(one?.forecast
        ? [{ name: 'needed by forecast', style: 'forecast', points: points('forecast'), steps: true }]
        : []),
    ],
    { ...time, least: 2 },
    bounds,
  );
  const metrics = (one?.metrics ?? []).map(({ name: metric, current, target }) =>
    figure(
      `${name}-${metric}`,
      `${name}: ${metric}${target.endsWith('%') ? ' in %' : ''}`,
      `${name}: ${metric} ${current ?? 'unknown'} of ${target}`,
      [
        { name: 'target', style: 'wanted', points: points(`target ${metric}`), steps: true },
        { name: 'current', style: 'load', points: points(`current ${metric}`), steps: true },
      ],
      { ...time, least: target.endsWith('%') ? 100 : 0.001 },
      [],
    ),
  );
  return [pods, ...metrics, ...(forecast ? [forecastOf(name, forecast)] : [])];
}

/**
 * The load of the last day, and what is expected of it.
 * @param {string} component
 * @param {NonNullable<ComponentView['forecast']>} forecast
 */
function forecastOf(component, { savedAt, from, stepMs, past, ahead }) {
  const to = from + (past.length + ahead.length) * stepMs;
  // A mean of ten minutes stands in the middle of them.
  /** @param {number} index */
  const middle = (index) => from + (index + 0.5) * stepMs;
  /** @param {'mean' | 'low' | 'high'} what */
  const expected = (what) => ahead.map((one, index) => ({ at: middle(past.length + index), value: one[what] }));
  const last = ahead.at(-1);
  return figure(
    `${component}-forecast`,
    `${component}: CPU cores in a day`,
    last
      ? `${component}: at ${clock(to)} ${last.mean} cores are expected, from ${last.low} to ${last.high}`
      : `${component}: the load is being learned`,
    [
      {
        name: 'used',
        style: 'load',
        points: past.map((value, index) => ({ at: middle(index), value: value ?? undefined })),
      },
      { name: `expected at ${clock(Date.parse(savedAt))}`, style: 'ready', points: expected('mean') },
    ],
    { from, to, until: to, least: 0.01 },
    ahead.length > 0 ? [{ name: '9 of 10 times', style: 'bounds', low: expected('low'), high: expected('high') }] : [],
  );
}

/**
 * A plot with its title and key.
 * @param {string} key
 * @param {string} title
 * @param {string} words the same in words
 * @param {Line[]} lines
 * @param {{ from: number, to: number, until: number, least: number }} frame
 * @param {Band[]} bands
 */
function figure(key, title, words, lines, frame, bands) {
  const drawn = plot(lines, { ...frame, width: WIDTH, height: HEIGHT }, bands);
  const { left, right, bottom } = drawn;
  const picture = svg(
    'svg',
    { class: 'plot', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': words },
    drawn.levels.flatMap(({ y, text }) => [
      svg('path', { class: 'grid', d: `M${left} ${y}H${right}` }),
      svg('text', { x: left - 5, y: y + 4, 'text-anchor': 'end' }, text),
    ]),
    svg('text', { x: left, y: bottom + 14 }, clock(frame.from)),
    svg('text', { x: right, y: bottom + 14, 'text-anchor': 'end' }, clock(frame.to)),
    drawn.bands.map(({ style, d }) => svg('path', { class: `band ${style}`, d })),
    drawn.lines.map(({ style, d }) => svg('path', { class: `line ${style}`, d })),
  );
  const keys = [...lines, ...bands].map(({ name, style }) => h('span', { class: `key ${style}` }, name));
  return h('figure', { 'data-key': key }, h('figcaption', {}, h('span', { class: 'strong' }, title), keys), picture);
}

/** @param {number} at ms since 1970 */
function clock(at) {
  return new Date(at).toLocaleTimeString([], { timeStyle: 'medium', hourCycle: 'h23' });
}
