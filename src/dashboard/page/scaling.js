// Replicas of each component: now, and over the time the page has been open.
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
/** The plots show at most this much time, milliseconds. */
const LONGEST_MS = 30 * 60_000;
const SHORTEST_MS = 60_000;

/**
 * @param {RestApiView} view
 * @param {ScalingHistory} history
 */
export function scaling({ components }, history) {
  if (components.length === 0) return null;
  const until = now();
  const opened = history.from ?? until;
  const from = Math.max(opened, until - LONGEST_MS);
  const to = Math.max(until, from + SHORTEST_MS);
  const forecasts = components.some(({ scaling: one }) => one?.forecast);
  const sized = components.some(({ recommended }) => recommended);
  const scaled = sized || components.some(({ scaling: one }) => one);
  const rows = components.map(({ name, ready, replicas, scaling: one, recommended }) =>
    row(name, 'Component', h('span', { class: 'component' }, name), [
      ['Ready', `${ready}`],
      ['Desired', `${one?.desired ?? replicas}`],
      ['Min', `${one?.min ?? '–'}`],
      ['Max', `${one?.max ?? '–'}`],
      ...(sized ? [cell('Recommended requests', recommended ? amounts(recommended) : '–')] : []),
      ['Load', one ? loads(one.metrics) : h('span', { class: 'faint' }, 'not autoscaled')],
      ...(forecasts ? [cell('Forecast', one?.forecast ? forecastText(one.forecast) : '–')] : []),
    ]),
  );
  // Without recommendations or forecasts there is no column for them.
  const columns = [
    'Component',
    'Ready',
    'Desired',
    'Min',
    'Max',
    ...(sized ? ['Recommended requests'] : []),
    'Load',
    ...(forecasts ? ['Forecast'] : []),
  ];
  return section(
    'scaling',
    'Scaling',
    'scaling',
    scaled && table('Replicas by component', columns, [h('tbody', { role: 'rowgroup' }, rows)]),
    h(
      'div',
      { class: 'plots' },
      components.flatMap((component) => plotsOf(component, history, { from, to, until })),
    ),
    h(
      'p',
      { class: 'faint' },
      from === opened ? `Since you opened this page (${span(until - from)}).` : `Last ${span(until - from)}.`,
    ),
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
function forecastText({ reliable, minReplicas, errorPercent }) {
  const error = errorPercent === undefined ? 'error not known yet' : `recent error ${errorPercent} %`;
  return `${minReplicas} ${minReplicas === 1 ? 'pod' : 'pods'}, ${error}${reliable ? '' : '; not used'}`;
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
  const bounds = one ? [{ name: 'limits', style: 'bounds', low: points('min'), high: points('max') }] : [];
  const pods = figure(
    `${name}-pods`,
    `${name}: pods`,
    `${name}: ${ready} of ${replicas} pods ready${one ? `, limits ${one.min} to ${one.max}` : ''}`,
    [
      { name: 'desired', style: 'desired', points: points('desired'), steps: true },
      { name: 'ready', style: 'ready', points: points('ready'), steps: true },
      ...(one?.forecast
        ? [{ name: 'forecast minimum', style: 'forecast', points: points('forecast'), steps: true }]
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
        { name: 'target', style: 'desired', points: points(`target ${metric}`), steps: true },
        { name: 'current', style: 'load', points: points(`current ${metric}`), steps: true },
      ],
      { ...time, least: target.endsWith('%') ? 100 : 0.001 },
      [],
    ),
  );
  return [pods, ...metrics, ...(forecast ? [forecastOf(name, forecast)] : [])];
}

/**
 * The load of the last day and its forecast.
 * @param {string} component
 * @param {NonNullable<ComponentView['forecast']>} forecast
 */
function forecastOf(component, { savedAt, from, stepMs, past, ahead }) {
  const to = from + (past.length + ahead.length) * stepMs;
  // The mean of an interval is drawn in its middle.
  /** @param {number} index */
  const middle = (index) => from + (index + 0.5) * stepMs;
  /** @param {'mean' | 'low' | 'high'} what */
  const predicted = (what) => ahead.map((one, index) => ({ at: middle(past.length + index), value: one[what] }));
  const last = ahead.at(-1);
  return figure(
    `${component}-forecast`,
    `${component}: CPU cores, forecast`,
    last
      ? `${component}: forecast for ${clock(to)}: ${last.mean} cores, between ${last.low} and ${last.high}`
      : `${component}: still learning the load`,
    [
      {
        name: 'used',
        style: 'load',
        points: past.map((value, index) => ({ at: middle(index), value: value ?? undefined })),
      },
      { name: `forecast made at ${clock(Date.parse(savedAt))}`, style: 'ready', points: predicted('mean') },
    ],
    { from, to, until: to, least: 0.01 },
    ahead.length > 0 ? [{ name: '90 % band', style: 'bounds', low: predicted('low'), high: predicted('high') }] : [],
  );
}

/**
 * A plot with its title and legend.
 * @param {string} key
 * @param {string} title
 * @param {string} label the text alternative
 * @param {Line[]} lines
 * @param {{ from: number, to: number, until: number, least: number }} frame
 * @param {Band[]} bands
 */
function figure(key, title, label, lines, frame, bands) {
  const drawn = plot(lines, { ...frame, width: WIDTH, height: HEIGHT }, bands);
  const { left, right, bottom } = drawn;
  const picture = svg(
    'svg',
    { class: 'plot', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label },
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
