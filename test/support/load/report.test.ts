import { expect, test } from 'vitest';
import { LaneAccount } from './lane-account.ts';
import type { LoadReport } from './load-report.ts';
import { type LoadCase, loadPlot, loadTable } from './report.ts';
import { totalsTable } from './totals.ts';

/** Two lanes: version 1 until 1 s, then version 2; the second lane fails twice in between. */
function release(): LoadCase {
  const lanes = ['new-get', 'kept-post'].map((name, at) => {
    const account = new LaneAccount();
    for (let ms = 0; ms < 2_000; ms += 50) {
      account.sent();
      if (at === 1 && ms >= 1_000 && ms < 1_100) account.failed(ms, ms + 5, 'eof', 'socket hang up', true);
      else account.answered(ms, ms + 5, 200, `view=${ms < 1_000 ? 1 : 2}`);
    }
    return account.report(name, 20, 3);
  });
  const report: LoadReport = {
    type: 'report',
    url: 'http://shop/',
    startedAt: '2026-01-01T00:00:00.000Z',
    sendingMs: 2_000,
    mostBehindMs: 0,
    cpuMs: 1,
    lanes,
  };
  return { title: 'release 1 → 2', report, events: [{ name: 'switch <written>', atMs: 1_000 }] };
}

test('the table has a row for each lane', () => {
  expect(loadTable([release()]).split('\n')).toEqual([
    '| case | lane | sent | failed | causes | retriable | retried | two versions | answered by | p50 / p99 / max ms |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    '| release 1 → 2 | new-get | 40 | 0 |  | 0 | 0 | 0 | 1: 20, 2: 20 | 5 / 5 / 5 |',
    '| release 1 → 2 | kept-post | 40 | 2 | 2 × eof (1.0–1.1 s) | 2 | 0 | 0 | 1: 20, 2: 18 | 5 / 5 / 5 |',
    '',
  ]);
});

test('the totals have a row for each case, with dropped requests among the failed ones', () => {
  const { title, report } = release();
  const account = new LaneAccount();
  account.sent();
  account.answered(0, 5, 200, 'view=1, model=2');
  account.dropped();
  const lanes = [...report.lanes, account.report('new-get', 20, 1)];
  expect(
    totalsTable([{ title, report: { ...report, lanes } }])
      .split('\n')
      .slice(2),
  ).toEqual(['| release 1 → 2 | 82 | 3 | 1 |', '']);
});

test('the plot shows the rate of each version, failures and events', () => {
  const svg = loadPlot(release());
  // 40 requests per second at the top, of 20 values of 100 ms.
  expect(svg).toContain('<text x="42" y="50" text-anchor="end">40</text>');
  expect(svg.match(/stroke-width="1.3"/g)).toHaveLength(2);
  expect(svg).toMatch(/M48\.0 46\.0H93\.0V46\.0/);
  expect(svg).toContain('kept-post: 2 failed');
  expect(svg.match(/<rect /g)).toHaveLength(1);
  expect(svg).toContain('switch &lt;written&gt;');
  expect(svg).toContain('>1 s</text>');
});

test('a load without an answer has a plot as well', () => {
  const { report } = release();
  const account = new LaneAccount();
  account.sent();
  account.failed(0, 3, 'refused', 'connect ECONNREFUSED');
  const svg = loadPlot({ title: 'away', report: { ...report, lanes: [account.report('new-get', 1, 1)] } });
  expect(svg).toContain('new-get: 1 failed');
  expect(svg).not.toContain('NaN');
});
