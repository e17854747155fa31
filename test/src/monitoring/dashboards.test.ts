import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/package/package-root.ts';
import { dashboardFiles } from '../../../src/tools/grafana/generate.ts';
import { metricNames } from './metric-names.ts';
import { type Dashboard, filledIn, type Panel, queriesOf, shippedDashboards } from './shipped-dashboards.ts';

let dashboards: Dashboard[];
beforeAll(async () => {
  dashboards = await shippedDashboards();
});

test('the dashboards match the output of `npm run generate`', async () => {
  const files = Object.entries(dashboardFiles());
  expect(files.map(([path]) => path.split('/').at(-1)).sort()).toEqual(
    dashboards.map(({ uid }) => `${uid}.json`).sort(),
  );
  for (const [path, text] of files) expect(await readFile(join(packageRoot(), path), 'utf8'), path).toBe(text);
});

test('each panel has a title and a description, uses the chosen Prometheus, and overlaps no other', () => {
  for (const { title, panels } of dashboards) {
    expect(panels.length, title).toBeGreaterThan(5);
    const shown = panels.filter(({ type }) => type !== 'row');
    for (const { title: panel, description, datasource, targets = [], gridPos } of shown) {
      const where = `${title} / ${panel}`;
      expect(panel, title).not.toBe('');
      expect((description ?? '').length, where).toBeGreaterThan(10);
      expect(
        [datasource, ...targets.map((target) => target.datasource)].map((one) => one?.uid),
        where,
      ).toEqual(Array(targets.length + 1).fill('$datasource'));
      expect(targets.length, where).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size, where).toBe(targets.length);
      expect(gridPos.x + gridPos.w, where).toBeLessThanOrEqual(24);
    }
    const overlapping = panels.flatMap((one, index) =>
      panels.slice(index + 1).flatMap((other) => (overlap(one, other) ? [`${one.title} and ${other.title}`] : [])),
    );
    expect(overlapping, title).toEqual([]);
  }
});

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

test('queries use every variable of their dashboard and no other', () => {
  for (const dashboard of dashboards) {
    const variables = dashboard.templating.list.map(({ name }) => name);
    expect(variables[0]).toBe('datasource');
    const used = new Set(['datasource']);
    for (const { expr } of queriesOf(dashboard)) {
      for (const [, name = ''] of expr.matchAll(/\$(\w+)/g)) if (!name.startsWith('__')) used.add(name);
      const values = Object.fromEntries(variables.map((name) => [name, 'x']));
      expect(() => metricNames(filledIn(expr, values)), expr).not.toThrow();
    }
    expect([...used].sort(), dashboard.title).toEqual([...variables].sort());
  }
});

test.each<[expr: string, names: string[]]>([
  ['up', ['up']],
  ['sum by (job) (rate(a_total{b="c_total"}[5m])) / on (d) group_left e', ['a_total', 'e']],
  ['histogram_quantile(0.9, sum by (le) (rate(x_bucket[1m]))) and time() - y > 3', ['x_bucket', 'y']],
  ['max_over_time(a:b:c[1h:1m] offset 5m) or vector(0) unless absent(up == 1)', ['a:b:c', 'up']],
])('the metrics in %s are %j', (expr, names) => {
  expect(metricNames(expr)).toEqual(names);
});

test.each(['sum(a', 'a b', '{__name__="a"}', 'rate(a[5])x'])('%s is rejected', (expr) => {
  expect(() => metricNames(expr)).toThrow(expr);
});
