import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ApiClient } from '../../operator/index.ts';
import { findKubectl } from '../cluster/find-kubectl.ts';
import { loadContext } from '../cluster/load-context.ts';
import { crdPath, installCrd, servesRestApis } from '../cluster/restapi-crd.ts';
import { LiveTable } from '../live-table/live-table.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import type { Screen } from '../terminal/screen.ts';
import { untilStopped } from '../terminal/until-stopped.ts';
import { runOperator } from './run-operator.ts';
import { stateFolder } from './state-folder.ts';
import { runSteps } from './steps.ts';
import { quoteForShell } from './to-try.ts';

/** The user's cluster, and how to run on it. */
export interface OwnCluster {
  context: string;
  kubeconfig?: string | undefined;
  namespace?: string | undefined;
  installCrd: boolean;
  dashboardPort?: number | undefined;
}

/** Runs the operator against an existing cluster. Starts and changes nothing else. */
export async function runOnOwnCluster(options: OwnCluster, screen: Screen, lifetime: Lifetime): Promise<void> {
  const { context, namespace, dashboardPort } = options;
  const { signal } = lifetime;
  const kubeConfig = loadContext(context, options.kubeconfig);
  const client = new ApiClient({ kubeConfig, userAgent: 'npm-start' });
  lifetime.onEnd('the connections', () => client.close());
  const log = logFile(context);
  const table = new LiveTable(client, { namespace }, screen, lifetime);
  const cluster = `${context}, ${client.serverUrl}`;
  await runSteps(
    [
      options.installCrd
        ? { title: `Install the RestAPI CRD in ${cluster}`, run: () => installCrd(client, signal) }
        : {
            title: `Check for the RestAPI CRD in ${cluster}`,
            run: async () => {
              if (!(await servesRestApis(client, signal))) throw new Error(crdMissing(options));
            },
          },
      {
        title: 'Start the operator',
        remedy:
          'The operator needs the rights in kustomize/base/cluster-role.yaml. Use --namespace to watch one namespace only.',
        run: (report) => runOperator({ kubeConfig, namespace, dashboardPort, log, lifetime, report }),
      },
      { title: 'Read the existing objects', run: () => table.watch() },
    ],
    screen,
    signal,
  );
  const where = namespace === undefined ? 'all namespaces' : `namespace ${namespace}`;
  screen.print([
    '',
    `The operator is running in ${where} of ${context}. Operator log: ${log}`,
    ...(dashboardPort ? [`Dashboard: http://localhost:${dashboardPort}`] : []),
    'Press Ctrl-C to stop the operator. The objects it has created stay.',
    ...(screen.live ? [''] : []),
  ]);
  table.show();
  return untilStopped(signal);
}

/** The error if the CRD is missing, with the command that installs it. */
export function crdMissing({ context, kubeconfig }: Pick<OwnCluster, 'context' | 'kubeconfig'>): string {
  const config = kubeconfig === undefined ? '' : ` --kubeconfig ${quoteForShell(resolve(kubeconfig))}`;
  return (
    `the cluster of context "${context}" does not serve RestAPIs. Install the CRD with\n` +
    `  ${findKubectl(undefined)}${config} --context ${quoteForShell(context)} apply --server-side -f ${quoteForShell(crdPath())}\n` +
    'or add --install-crd to this command'
  );
}

function logFile(context: string): string {
  const folder = stateFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, `${context.replaceAll(/[^\w.-]/g, '_')}.log`);
}
