import { type Line, plot } from '../plot.ts';
import { BIN_MS, type LaneReport, type LoadReport } from './load-report.ts';
import { reportTable } from './report-table.ts';

/** A result with what happened during its load. */
export interface LoadCase {
  /** Such as `release 1.0.0 → 2.0.0`. */
  title: string;
  report: LoadReport;
  /** Moments to show in the plot, in ms since the start of the load. */
  events?: readonly { name: string; atMs: number }[];
}

const COLOURS = ['#2f7ed8', '#e08a1e', '#3a9e4f', '#8e5bc0', '#999'];
const FAILED = '#d62728';
/** A plot has about this many values. */
const VALUES = 450;

/** The results as a Markdown table with a row for each lane. */
export function loadTable(cases: readonly LoadCase[]): string {
  const header = [
    'case',
    'lane',
    'sent',
    'failed',
    'causes',
    'retriable',
    'retried',
    'two versions',
    'answered by',
    'p50 / p99 / max ms',
  ];
  const rows = cases.flatMap(({ title, report }) => report.lanes.map((lane) => [title, ...cellsOf(lane)]));
  return reportTable(header, rows);
}

/** The plot of one result as SVG: requests per second by version, all lanes together, with a row of marks for each lane that failed. */
export function loadPlot({ title, report, events = [] }: LoadCase): string {
  const { lanes } = report;
  const bins = Math.max(1, ...lanes.flatMap((lane) => seriesOf(lane).map(({ length }) => length)));
  const group = Math.max(1, Math.ceil(bins / VALUES));
  const every = group * BIN_MS;
  const versions = [...new Set(lanes.flatMap((lane) => Object.keys(lane.series.answered)))].sort();
  const lines = versions.map(
    (version, at): Line => ({
      name: version,
      colour: COLOURS[at % COLOURS.length] as string,
      values: perSecond(
        lanes.map((lane) => lane.series.answered[version] ?? []),
        bins,
        group,
      ),
      steps: true,
    }),
  );
  const marks = lanes
    .filter(({ failed }) => failed > 0)
    .map(({ name, failed, series }) => ({
      name: `${name}: ${failed} failed`,
      colour: FAILED,
      values: perSecond([series.failed], bins, group),
    }));
  const silent: Line = { name: 'no answer', colour: '#999', values: [0] };
  return plot(title, { start: 0, every, unit: 'requests/s', ticks: 'seconds' }, lines.length > 0 ? lines : [silent], {
    marks,
    events,
  });
}

function cellsOf(lane: LaneReport): string[] {
  const { p50, p99, max } = lane.latencyMs;
  const causes = Object.entries(lane.failures).map(
    ([cause, { count, firstMs, lastMs }]) => `${count} × ${cause} (${seconds(firstMs)}–${seconds(lastMs)} s)`,
  );
  const versions = Object.entries(lane.versions).map(([version, { count }]) => `${version}: ${count}`);
  return [
    lane.name,
    `${lane.sent}${lane.dropped > 0 ? ` (${lane.dropped} more dropped)` : ''}`,
    `${lane.failed}`,
    causes.join('; '),
    `${lane.retriable}`,
    `${lane.retried}`,
    `${lane.mixed.count}`,
    versions.join(', '),
    `${p50} / ${p99} / ${max}`,
  ];
}

function seriesOf({ series }: LaneReport): number[][] {
  return [...Object.values(series.answered), series.failed];
}

/** Adds up series, and each group of their values, as a rate. */
function perSecond(series: readonly number[][], bins: number, group: number): number[] {
  const values = Array.from({ length: Math.ceil(bins / group) }, () => 0);
  for (const counts of series) {
    counts.forEach((count, bin) => {
      const at = Math.floor(bin / group);
      values[at] = (values[at] ?? 0) + (count * 1_000) / (group * BIN_MS);
    });
  }
  return values;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
