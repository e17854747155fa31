import type { LoadReport } from './load-report.ts';
import type { LoadCase } from './report.ts';
import { reportTable } from './report-table.ts';

/** Requests without a good answer, of all lanes. */
export function failures({ lanes }: LoadReport): number {
  return lanes.reduce((sum, { failed, dropped }) => sum + failed + dropped, 0);
}

/** Answers in which components of two versions had part, of all lanes. */
export function mixed({ lanes }: LoadReport): number {
  return lanes.reduce((sum, lane) => sum + lane.mixed.count, 0);
}

/** The results as a Markdown table with a row for each case. */
export function totalsTable(cases: readonly LoadCase[]): string {
  const rows = cases.map(({ title, report }) => {
    const due = report.lanes.reduce((sum, lane) => sum + lane.due, 0);
    return [title, `${due}`, `${failures(report)}`, `${mixed(report)}`];
  });
  return reportTable(['case', 'requests', 'failed', 'two versions'], rows);
}
