import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { KubeConfig } from '@kubernetes/client-node';
import { createLogger, runUntilSignal, startTracing } from '../../operator/index.ts';
import { createOperator, HASH_KEY_SECRET, OPERATOR_NAME } from '../create-operator.ts';
import { VERSION } from '../package/version.ts';
import { ArgumentError } from '../terminal/argument-error.ts';
import { type ReadFlags, readFlags } from '../terminal/flag-table.ts';
import { readCount } from '../terminal/read-count.ts';
import { readPort } from '../terminal/read-port.ts';
import { printError, printText } from '../terminal/write.ts';
import { OPERATOR_FLAGS, OPERATOR_USAGE } from './operator-flags.ts';
import { readNamespaces } from './read-namespaces.ts';
import { readServedNamespaces } from './read-served-namespaces.ts';
import { readServiceRoute } from './read-service-route.ts';
import { readServing } from './read-serving.ts';

/** How long handlers may finish after SIGTERM, in milliseconds: shorter than the usual grace period of a pod, 30 s. */
const DRAIN_MS = 10_000;
/** How long the last traces may take to be sent after that, in milliseconds. */
const TRACES_MS = 3_000;

try {
  const flags = readFlags(OPERATOR_FLAGS, process.argv.slice(2));
  if (flags.help) printText(OPERATOR_USAGE);
  else await run(flags);
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  printError(`error: ${error.message}. Run restapi-operator --help for usage`);
  process.exitCode = 1;
}

async function run(flags: ReadFlags<typeof OPERATOR_FLAGS>): Promise<void> {
  const logger = createLogger(flags['log-level']);
  const kubeConfig = new KubeConfig();
  if (flags.kubeconfig) kubeConfig.loadFromFile(flags.kubeconfig);
  else kubeConfig.loadFromDefault();
  if (flags.context) kubeConfig.setCurrentContext(flags.context);

  const tracing = await startTracing(process.env, { name: OPERATOR_NAME, version: VERSION }, logger);
  const operator = createOperator({
    kubeConfig,
    logger,
    namespaces: readServedNamespaces(flags.namespaces),
    tracer: tracing?.tracer,
    healthAddress: flags['health-address'],
    metricsAddress: flags['metrics-address'],
    dashboardPort: readPort(flags['dashboard-port']),
    ...readServing(flags),
    maxReleases: readCount('max-releases', flags['max-releases']),
    checks: {
      prometheusUrl: flags['prometheus-url'],
      namespace: flags['lease-namespace'],
      route: readServiceRoute(flags['service-route']),
    },
    releaseAuthor: flags['release-author'],
    prometheusNamespaces: readNamespaces('prometheus-namespaces', flags['prometheus-namespaces']),
    hashKey: { namespace: flags['lease-namespace'], name: HASH_KEY_SECRET },
    leaderElection: flags['leader-elect']
      ? {
          namespace: flags['lease-namespace'],
          name: OPERATOR_NAME,
          // The admission policy compares the part before the underscore with the pod that sends a write.
          identity: `${process.env.POD_NAME || hostname()}_${randomUUID().slice(0, 8)}`,
        }
      : undefined,
  });
  await runUntilSignal(operator, { drainMs: DRAIN_MS, logger });
  await tracing?.stop(TRACES_MS);
  process.exit(0);
}
