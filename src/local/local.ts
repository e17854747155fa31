import { join } from 'node:path';
import { abortable } from '../../operator/async/abortable.ts';
import { ApiClient } from '../../operator/index.ts';
import { type ControlPlane, startControlPlane } from '../../operator/testkit/index.ts';
import { findKubectl } from '../cluster/find-kubectl.ts';
import { installCrd } from '../cluster/restapi-crd.ts';
import { LiveTable } from '../live-table/live-table.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import type { Screen } from '../terminal/screen.ts';
import { duration } from '../terminal/text.ts';
import { untilStopped } from '../terminal/until-stopped.ts';
import { binariesStep } from './binaries-step.ts';
import { watchCluster } from './cluster-watch.ts';
import { readyInTime } from './ready-in-time.ts';
import { runOperator } from './run-operator.ts';
import { applySample, SAMPLE, type Sample } from './sample.ts';
import { runSteps, type Step } from './steps.ts';
import { stopWhenStarted } from './stop-when-started.ts';
import { toTry } from './to-try.ts';

const BINARIES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'kubectl'] as const;

/** Runs the operator and a sample on a local Kubernetes until the lifetime ends or, with `once`, the sample is ready. */
export async function runLocal(
  { once, dashboardPort }: { once: boolean; dashboardPort?: number | undefined },
  screen: Screen,
  lifetime: Lifetime,
): Promise<void> {
  const { signal } = lifetime;
  const started = Date.now();
  let kubectl: string | undefined;
  let cluster!: ControlPlane;
  let client!: ApiClient;
  let table!: LiveTable;
  let sample!: Sample;
  const steps: Step[] = [
    binariesStep(BINARIES, lifetime, (binaries) => {
      kubectl = binaries.get('kubectl');
    }),
    {
      title: 'Start Kubernetes on this machine (usually 5 s)',
      remedy:
        'Start again. If it fails again, make sure that this machine has 1 GB of free memory and 1 GB of free disk space.',
      run: async () => {
        const starting = startControlPlane({ audit: false, kwokNodes: 1, signal });
        lifetime.onEnd('the local Kubernetes', () => stopWhenStarted(starting), { reported: true });
        cluster = await abortable(starting, signal);
        client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'npm-start' });
        lifetime.onEnd('the connections', () => client.close());
        watchCluster(cluster, lifetime);
      },
    },
    { title: 'Install the RestAPI CRD', run: () => installCrd(client, signal) },
    {
      title: 'Start the operator',
      run: (report) =>
        runOperator({ kubeConfig: cluster.kubeConfig, dashboardPort, log: logOf(cluster), lifetime, report }),
    },
    {
      title: 'Apply the sample RestAPI (kustomize/sample)',
      run: async () => {
        sample = await applySample(client, SAMPLE, signal);
        table = new LiveTable(client, {}, screen, lifetime);
        await table.watch();
      },
    },
  ];
  const waitForSample: Step = {
    title: 'Wait for the sample to become ready (usually 3 s)',
    run: () => readyInTime(table, sample, signal),
  };
  // On a terminal the table shows how it becomes ready.
  await runSteps(screen.live ? steps : [...steps, waitForSample], screen, signal);

  if (!once) {
    const hints = toTry({ sample, kubeconfig: cluster.kubeconfigPath, kubectl: findKubectl(kubectl) });
    const page = dashboardPort ? [`Dashboard: http://localhost:${dashboardPort}`] : [];
    const footer = [...page, `Operator log: ${logOf(cluster)}`, 'Press Ctrl-C to stop and remove everything.'];
    screen.print(['', ...hints, '', ...footer]);
  }
  if (screen.live) screen.print(['']);
  table.show();
  if (!once) return untilStopped(signal);
  await readyInTime(table, sample, signal);
  screen.keepFrame();
  screen.print(['', `The sample is ready after ${duration(Date.now() - started)}.`]);
}

function logOf(cluster: ControlPlane): string {
  return join(cluster.dir, 'operator.log');
}
