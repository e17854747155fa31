import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/package/package-root.ts';

/** A dashboard as far as the tests look at it. */
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

/** The dashboards that kustomize/components/grafana ships. */
export async function shippedDashboards(): Promise<Dashboard[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(FOLDER, file), 'utf8'))));
}

/** Every query of a dashboard with where it is from, those of its variables as the series they ask for. */
export function queriesOf({ title, panels, templating }: Dashboard): { where: string; expr: string }[] {
  return [
    ...panels.flatMap(({ title: panel, targets = [] }) =>
      targets.map(({ expr }) => ({ where: `${title} / ${panel}`, expr })),
    ),
    ...templating.list.flatMap(({ name, type, query }) => {
      if (type !== 'query' || typeof query !== 'object') return [];
      const [, series] = /^label_values\((.+), \w+\)$/.exec(query.query) ?? [];
      if (!series) throw new Error(`${title}: variable ${name} is no label_values(series, label)`);
      return [{ where: `${title} / variable ${name}`, expr: series }];
    }),
  ];
}

/** A query as Grafana sends it: with values in place of its variables. */
export function filledIn(expr: string, values: Record<string, string>): string {
  return expr.replace(/\$(\w+)/g, (text, name: string) => {
    const value = { __rate_interval: '1m', __range: '1h', ...values }[name];
    if (value === undefined) throw new Error(`${text} in ${expr} is no variable`);
    return value;
  });
}
