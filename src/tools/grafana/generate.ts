import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../package/package-root.ts';
import { fleetDashboard } from './fleet.ts';
import { operatorDashboard } from './operator.ts';
import { restApiDashboard } from './rest-api.ts';

/** Returns the dashboards as JSON for Grafana, by path within the package. */
export function dashboardFiles(): Record<string, string> {
  const builders = [operatorDashboard(), fleetDashboard(), restApiDashboard()];
  return Object.fromEntries(
    builders.map((builder) => {
      const dashboard = builder.build();
      return [`kustomize/components/grafana/${dashboard.uid}.json`, `${JSON.stringify(dashboard, null, 2)}\n`];
    }),
  );
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(dashboardFiles())) await writeFile(join(packageRoot(), path), text);
}
