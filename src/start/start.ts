import 'reflect-metadata';
import { basename, delimiter, dirname, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { createLogger, format, transports } from 'winston';
import { ApiClient, type Operator } from '../../operator/index.ts';
import { type ControlPlane, ensureBinaries, startControlPlane } from '../../operator/testkit/index.ts';
import { createOperator } from '../create-operator.ts';
import { ArgumentError, type Arguments, readArguments, USAGE } from './arguments.ts';
import { applySample, crdPath, hasCrd, installCrd } from './install.ts';
import { LiveTable } from './live-table.ts';
import { runSteps } from './steps.ts';

/** The person wants it to end. */
class Stopped extends Error {}

/** What must be ended, in reverse order of its start. */
const running: { name: string; end: () => Promise<unknown> }[] = [];
const stopping = new AbortController();
const { signal } = stopping;

process.exitCode = await main();
// Anything that still holds the process (an idle connection, a timer of a library) no longer matters.
process.exit();

async function main(): Promise<number> {
  listenForSignals();
  let options: Arguments;
  try {
    options = readArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  if (options.mode === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    await (options.mode === 'local' ? runLocal(options) : runOnContext(options));
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    for (const { end } of running.reverse()) await end().catch(() => {});
  }
}

async function runLocal({ once }: Arguments & { mode: 'local' }): Promise<void> {
  let cluster: ControlPlane | undefined;
  let client: ApiClient | undefined;
  let sample = { namespace: '', name: '' };
  let kubectl = 'kubectl';
  const started = () => {
    if (!cluster || !client) throw new Error('the local Kubernetes is not running');
    return { cluster, client };
  };
  await runSteps([
    {
      title: 'Get a Kubernetes control plane (the first time it is downloaded or built: minutes)',
      run: async (say) => {
        const names = [
          'etcd',
          'kube-apiserver',
          'kube-controller-manager',
          'kube-scheduler',
          'kubectl',
          'kwok',
        ] as const;
        const found = await ensureBinaries(names, { signal, onProgress: ({ message }) => say(message) });
        kubectl = shortest(found.get('kubectl'));
      },
    },
    {
      title: 'Start a local Kubernetes, with a node that plays pods (about 5 s)',
      run: async () => {
        cluster = await startControlPlane({ audit: false, signal });
        running.push({ name: 'cluster', end: () => started().cluster.stop() });
        client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'npm-start' });
        running.push({ name: 'client', end: () => started().client.close() });
        signal.throwIfAborted();
      },
    },
    { title: 'Install the RestAPI CRD', run: () => installCrd(started().client, signal) },
    {
      title: 'Start the operator',
      run: () => startOperator(started().cluster.kubeConfig, join(started().cluster.dir, 'operator.log')),
    },
    {
      title: 'Apply the sample RestAPI (kustomize/sample)',
      run: async () => {
        sample = await applySample(started().client, signal);
      },
    },
  ]);
  const { dir, kubeconfigPath } = started().cluster;
  await show(started().client, undefined, once ? sample : undefined, [
    'To try (in another terminal):',
    `  export KUBECONFIG=${kubeconfigPath}`,
    `  ${kubectl} delete deployment ${sample.name}-view        # it comes back`,
    `  ${kubectl} patch restapi ${sample.name} --type=merge -p '{"spec":{"replicas":4}}'`,
    `  ${kubectl} get restapis,deployments,services,pods`,
    `Log of the operator: ${join(dir, 'operator.log')}`,
    once ? 'Ends when the sample is ready.' : 'Ctrl-C ends all of it.',
  ]);
}

async function runOnContext(options: Arguments & { mode: 'context' }): Promise<void> {
  const { context, kubeconfig, namespace } = options;
  const kubeConfig = new KubeConfig();
  if (kubeconfig) kubeConfig.loadFromFile(kubeconfig);
  else kubeConfig.loadFromDefault();
  const names = kubeConfig.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw new Error(`the kubeconfig has no context ${context}; it has: ${names.join(', ') || 'none'}`);
  }
  kubeConfig.setCurrentContext(context);
  const client = new ApiClient({ kubeConfig, userAgent: 'npm-start' });
  running.push({ name: 'client', end: () => client.close() });
  const log = join(process.cwd(), `restapi-operator-${context.replaceAll(/[^\w.-]/g, '_')}.log`);
  await runSteps([
    {
      title: options.installCrd ? `Install the RestAPI CRD in ${context}` : `Look for the RestAPI CRD in ${context}`,
      run: async () => {
        if (options.installCrd) return installCrd(client, signal);
        if (await hasCrd(client)) return;
        throw new Error(
          `the cluster of ${context} has no RestAPI CRD. Install it with\n` +
            `  kubectl --context ${context} apply -f ${crdPath()}\nor say --install-crd`,
        );
      },
    },
    { title: 'Start the operator', run: () => startOperator(kubeConfig, log, namespace) },
  ]);
  await show(client, namespace, undefined, [
    `Log of the operator: ${log}`,
    'Ctrl-C ends the operator; what it made stays.',
  ]);
}

async function startOperator(kubeConfig: KubeConfig, log: string, namespace?: string): Promise<void> {
  const logger = createLogger({
    format: format.combine(format.timestamp(), format.errors({ stack: true }), format.json()),
    transports: [new transports.File({ filename: log, options: { flags: 'w' } })],
  });
  const operator: Operator = createOperator({ kubeConfig, namespace, logger });
  running.push({ name: 'operator', end: () => operator.stop() });
  signal.addEventListener('abort', () => void operator.stop(), { once: true });
  await operator.start();
}

/** Shows the table until the person has enough, or `until` is ready. */
async function show(
  client: ApiClient,
  namespace: string | undefined,
  until: { namespace: string; name: string } | undefined,
  footer: string[],
): Promise<void> {
  const table = new LiveTable(client, namespace, footer);
  running.push({ name: 'table', end: () => table.stop() });
  await table.start(signal);
  if (until) {
    await table.ready(until.namespace, until.name, signal);
    return;
  }
  await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}

/** How a person calls a program: by its name if the shell finds it, by its path otherwise. */
function shortest(path = 'kubectl'): string {
  return process.env.PATH?.split(delimiter).includes(dirname(path)) ? basename(path) : path;
}

function listenForSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // The second time it must not wait for anything; the cluster's supervisor cleans up after us.
      if (signal.aborted) process.exit(130);
      process.stderr.write('\nStopping …\n');
      stopping.abort(new Stopped(`${name} was received`));
    });
  }
}
