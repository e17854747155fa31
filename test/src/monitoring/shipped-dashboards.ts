import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../src/package/package-root.ts';

/** The parts of a Grafana dashboard that tests check. */
export interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
  templating: { list: Variable[] };
}

export interface Panel {
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  panels?: Panel[];
  targets?: { expr: string; refId: string; datasource?: { uid: string } }[];
}

export interface Variable {
  name: string;
  type: string;
  query?: string | { query: string };
}

const FOLDER = join(packageRoot(), 'kustomize', 'components', 'grafana');

/** Reads the dashboards of kustomize/components/grafana. */
export async function shippedDashboards(): Promise<Dashboard[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(FOLDER, file), 'utf8'))));
}

/** Returns every query of a dashboard with its place; of a variable, the series that it queries. */
export function queriesOf({ title, panels, templating }: Dashboard): { where: string; expr: string }[] {
  return [
    ...panels.flatMap(({ title: panel, targets = [] }) =>
      targets.map(({ expr }) => ({ where: `${title} / ${panel}`, expr })),
    ),
    ...templating.list.flatMap(({ name, type, query }) => {
      if (type !== 'query' || typeof query !== 'object') return [];
      const [, series] = /^label_values\((.+), \w+\)$/.exec(query.query) ?? [];
      if (!series) throw new Error(`${title}: variable ${name} must be label_values(series, label)`);
      return [{ where: `${title} / variable ${name}`, expr: series }];
    }),
  ];
}

/** Replaces the variables of a query with values, as Grafana does. */
export function filledIn(expr: string, values: Record<string, string>): string {
  return expr.replace(/\$(\w+)/g, (text, name: string) => {
    const value = { __rate_interval: '1m', __range: '1h', ...values }[name];
    if (value === undefined) throw new Error(`${text} in ${expr} is not a variable`);
    return value;
  });
}
