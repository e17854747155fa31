import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/package/package-root.ts';
import { BUCKET_MINUTES } from '../../src/scaling/predictive/index.ts';
import { plot } from '../support/plot.ts';
import { type Comparison, compare, shortcomings } from './comparison.ts';
import { type Load, type Played, SETTING } from './play.ts';
import { loadOf, PEAK_CORES, PUBLIC_SERIES, type PublicSeries, publicSeries } from './public-series.ts';

const DAY = 24 * 60;
const PLOT_DAYS = 3;
const BAND_DAYS = 3;

const folder = join(packageRoot(), 'docs', 'scaling-backtest');
await mkdir(folder, { recursive: true });
const recorded = await publicSeries();
const { min, max, target, cores, startSeconds, horizonMinutes } = SETTING;
const lines = [
  `${min} to ${max} pods of ${cores} core each, target ${target * 100} %, ready ${startSeconds} s after creation; forecast horizon ${horizonMinutes} minutes.`,
  'Too few: minutes in which usage of the ready pods is more than 10 % above the target. Saturated: more load than they can serve.',
];
let failed = false;
for (const series of PUBLIC_SERIES) {
  const load = loadOf(series, recorded[series.name], PEAK_CORES);
  const from = series.testFrom * DAY;
  const comparison = compare(load, from);
  lines.push('', ...reportOf(series, load, comparison));
  for (const one of shortcomings(comparison)) {
    failed = true;
    lines.push(`FAILED: ${one}`);
  }
  await writeFile(join(folder, `${series.name}-pods.svg`), podsPlot(series, load, from, comparison));
  await writeFile(join(folder, `${series.name}-forecast.svg`), forecastPlot(series, load, comparison));
}
const text = `${lines.join('\n')}\n`;
await writeFile(join(folder, 'report.txt'), text);
console.log(`${text}\nPlots: ${folder}`);
if (failed) process.exitCode = 1;

function reportOf(series: PublicSeries, load: Load, comparison: Comparison): string[] {
  const { reactive, predictive, equalCost } = comparison;
  const day = (minute: number) => new Date(load.start + minute * 60_000).toISOString().slice(0, 10);
  const row = (name: string, played: Played) =>
    [
      name.padEnd(34),
      played.underMinutes.toFixed(0).padStart(8),
      played.saturatedMinutes.toFixed(0).padStart(11),
      played.replicaMinutes.toFixed(0).padStart(17),
      `${percent(played.replicaMinutes / reactive.replicaMinutes - 1)}`.padStart(9),
    ].join('');
  const { error } = predictive;
  return [
    `${series.what}`,
    `  from ${series.source}`,
    `  evaluated ${day(series.testFrom * DAY)} to ${day(load.minutes.length - 1)}, ${series.testDays} days, all after the days used for tuning`,
    `${'  (minutes)'.padEnd(34)}${'too few'.padStart(8)}${'saturated'.padStart(11)}${'replica-minutes'.padStart(17)}${'cost'.padStart(9)}`,
    row('  autoscaler alone', reactive),
    row('  with the forecast', predictive),
    row(`  autoscaler alone, target ${(equalCost.target * 100).toFixed(1)} %`, equalCost),
    `  error of the forecast ${horizonMinutes} minutes ahead: ${percent(error?.forecast)} of the load ("as last week": ${percent(error?.seasonalNaive)}); ${percent(error?.inBand)} of values in the 90 % band`,
    `  forecast used ${percent(predictive.reliableShare)} of the time; minReplicas changed ${(predictive.changes / series.testDays).toFixed(1)} times a day`,
  ];
}

function percent(share = Number.NaN): string {
  return `${(share * 100).toFixed(1)} %`;
}

function podsPlot(series: PublicSeries, load: Load, from: number, { reactive, predictive }: Comparison): string {
  const every = BUCKET_MINUTES;
  const pick = (values: Float64Array, begin: number) =>
    Array.from({ length: (PLOT_DAYS * DAY) / every }, (_, index) => values[begin + index * every] ?? 0);
  const wanted = load.minutes.map((cores) => cores / (SETTING.cores * target));
  const begin = firstMonday(load, from) - from;
  const short = (played: Played) =>
    Array.from({ length: (PLOT_DAYS * DAY) / every }, (_, index) => {
      const minutes = Array.from({ length: every }, (_, minute) => begin + index * every + minute);
      return minutes.some((minute) => (wanted[from + minute] ?? 0) > (played.ready[minute] ?? 0) * 1.1) ? 1 : 0;
    });
  return plot(
    `${series.what}: pods`,
    { start: load.start + (from + begin) * 60_000, every: every * 60_000, unit: 'pods' },
    [
      { name: 'autoscaler alone', colour: '#d62728', values: pick(reactive.ready, begin), steps: true },
      { name: 'with the forecast', colour: '#2ca02c', values: pick(predictive.ready, begin), steps: true },
      {
        name: 'minReplicas',
        colour: '#9467bd',
        values: pick(predictive.minReplicas, begin),
        steps: true,
        dashed: true,
      },
      { name: 'load at the target', colour: '#1f77b4', values: pick(wanted, from + begin) },
    ],
    {
      marks: [
        { name: 'too few, alone', colour: '#d62728', values: short(reactive) },
        { name: 'too few, with the forecast', colour: '#2ca02c', values: short(predictive) },
      ],
    },
  );
}

function forecastPlot(series: PublicSeries, load: Load, { predictive }: Comparison): string {
  const begin = load.start + firstMonday(load, series.testFrom * DAY) * 60_000;
  const shown = predictive.forecasts.filter(({ at }) => at >= begin && at < begin + BAND_DAYS * DAY * 60_000);
  const came = shown.map(({ at }) => {
    const minute = (at - load.start) / 60_000;
    return load.minutes.subarray(minute, minute + BUCKET_MINUTES).reduce((sum, one) => sum + one, 0) / BUCKET_MINUTES;
  });
  return plot(
    `${series.what}: forecast ${horizonMinutes} minutes ahead`,
    { start: begin, every: BUCKET_MINUTES * 60_000, unit: 'cores' },
    [
      { name: 'forecast', colour: '#ff7f0e', values: shown.map(({ mean }) => mean) },
      { name: 'load', colour: '#1f77b4', values: came },
    ],
    {
      band: {
        name: 'band of 90 %',
        colour: '#ff7f0e',
        low: shown.map(({ low }) => low),
        high: shown.map(({ high }) => high),
      },
    },
  );
}

/** Returns the minute of the first Monday at least a week after `from`. */
function firstMonday(load: Load, from: number): number {
  let minute = from + 7 * DAY;
  while (new Date(load.start + minute * 60_000).getUTCDay() !== 1) minute += DAY;
  return minute;
}
