import { join } from 'node:path';
import type { ApiClient } from '../../operator/index.ts';
import type { ControlPlane } from '../../operator/testkit/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { findKubectl } from '../cluster/find-kubectl.ts';
import { installCrd } from '../cluster/restapi-crd.ts';
import { LiveTable } from '../live-table/live-table.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import type { Screen } from '../terminal/screen.ts';
import { duration } from '../terminal/text.ts';
import { untilStopped } from '../terminal/until-stopped.ts';
import { binariesStep } from './binaries-step.ts';
import { playLoad } from './play-load.ts';
import { SCALING } from './played-load.ts';
import { startPlayedPast } from './played-past.ts';
import { readyInTime } from './ready-in-time.ts';
import { runOperator } from './run-operator.ts';
import { applySample, SAMPLE, type Sample } from './sample.ts';
import { startCluster } from './start-cluster.ts';
import { runSteps, type Step } from './steps.ts';
import { toTry, toWatch } from './to-try.ts';

/** Autoscalers scale down after so long; Kubernetes' default is 5 minutes, in which a played day passes. */
const SCALE_DOWN_AFTER = '15s';
const BINARIES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'kubectl'] as const;

/** How to run it. */
export interface LocalRun {
  once: boolean;
  dashboardPort?: number | undefined;
  /** Plays a load, a day of which takes so long. Default: no load. */
  daySeconds?: number | undefined;
}

/** Runs the operator and a sample on a local Kubernetes until the lifetime ends or, with `once`, the sample is ready. */
export async function runLocal(
  { once, dashboardPort, daySeconds }: LocalRun,
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
  const load = daySeconds !== undefined;
  const binaries = [...BINARIES, ...(load ? (['metrics-server'] as const) : [])];
  const applied = Promise.withResolvers<RestAPI>();
  const steps: Step[] = [
    binariesStep(binaries, lifetime, (found) => {
      kubectl = found.get('kubectl');
    }),
    {
      title: 'Start Kubernetes on this machine (usually 5 s)',
      remedy:
        'Start again. If it fails again, make sure that this machine has 1 GB of free memory and 1 GB of free disk space.',
      run: async () => {
        const metrics = {
          metrics: true,
          controllerManagerFlags: [`--horizontal-pod-autoscaler-downscale-stabilization=${SCALE_DOWN_AFTER}`],
        };
        ({ cluster, client } = await startCluster({ kwokNodes: 1, ...(load && metrics) }, lifetime));
      },
    },
    { title: 'Install the RestAPI CRD', run: () => installCrd(client, signal) },
    {
      title: 'Start the operator',
      run: async (report) => {
        const prometheusUrl = load ? await startPlayedPast(applied.promise, lifetime) : undefined;
        const { kubeConfig } = cluster;
        const log = logOf(cluster);
        return runOperator({ kubeConfig, dashboardPort, prometheusUrl, simulated: true, log, lifetime, report });
      },
    },
    {
      title: 'Apply the sample RestAPI (kustomize/sample)',
      run: async () => {
        const { api, ...rest } = await applySample(client, SAMPLE, signal, load ? SCALING : undefined);
        sample = rest;
        applied.resolve(api);
        if (daySeconds !== undefined) playLoad(cluster, client, api, daySeconds * 1_000, lifetime);
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
    const playground = { sample, kubeconfig: cluster.kubeconfigPath, kubectl: findKubectl(kubectl) };
    const hints = [...toTry(playground), ...(load ? ['', ...toWatch(playground, daySeconds)] : [])];
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
