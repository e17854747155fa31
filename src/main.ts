#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { createLogger, runUntilSignal, startTracing } from '../operator/index.ts';
import { createOperator, OPERATOR_NAME } from './create-operator.ts';
import { VERSION } from './package/version.ts';
import { readPort } from './terminal/read-port.ts';

const USAGE = `restapi-operator: turns RestAPI resources into running applications.

Usage: restapi-operator [options]
       restapi-operator init NAME   create the project of a new operator; init --help has its options
  --kubeconfig FILE   cluster and credentials; default: as kubectl finds them, or the pod's ServiceAccount
  --context NAME      context of the kubeconfig; default: its current one
  --namespace NAME    watch this namespace only; default: all
  --leader-elect      of several operators one works, the others stand by (Lease ${OPERATOR_NAME})
  --lease-namespace NAME   namespace of that Lease; default: $POD_NAMESPACE, or restapi-system
  --health-address ADDR    where /healthz and /readyz are answered, such as :8081; default: nowhere
  --metrics-address ADDR   where /metrics is answered, such as :8080; default: nowhere
  --dashboard-port PORT    where a page for people in a browser on this machine is, such as 8090; default:
                      $DASHBOARD_PORT, or nowhere
  --prometheus-url URL     server that is asked for releases' checks and past load; default: $PROMETHEUS_URL, or none
  --log-level LEVEL   error, warn, info or debug; default: info
  --help              this text

Traces are sent where $OTEL_EXPORTER_OTLP_ENDPOINT says, by OTLP over HTTP; default: nowhere
`;

/** How long running handlers may take after SIGTERM without an election, in milliseconds: well within a pod's usual 30 s. */
const DRAIN_MS = 10_000;
/** How long the last traces may take to leave after that, in milliseconds. */
const TRACES_MS = 3_000;

if (process.argv[2] === 'init') {
  const { init } = await import('./init/init.ts');
  process.exit(await init(process.argv.slice(3)));
}

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    context: { type: 'string' },
    namespace: { type: 'string' },
    'leader-elect': { type: 'boolean', default: false },
    'lease-namespace': { type: 'string', default: process.env.POD_NAMESPACE ?? 'restapi-system' },
    'health-address': { type: 'string' },
    'metrics-address': { type: 'string' },
    'dashboard-port': { type: 'string', default: process.env.DASHBOARD_PORT },
    'prometheus-url': { type: 'string', default: process.env.PROMETHEUS_URL },
    'log-level': { type: 'string', default: 'info' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
} else {
  await run();
}

async function run(): Promise<void> {
  const logger = createLogger(values['log-level']);
  const kubeConfig = new KubeConfig();
  if (values.kubeconfig) kubeConfig.loadFromFile(values.kubeconfig);
  else kubeConfig.loadFromDefault();
  if (values.context) kubeConfig.setCurrentContext(values.context);

  const tracing = await startTracing(process.env, { name: OPERATOR_NAME, version: VERSION }, logger);
  const operator = createOperator({
    kubeConfig,
    logger,
    namespace: values.namespace,
    tracer: tracing?.tracer,
    healthAddress: values['health-address'],
    metricsAddress: values['metrics-address'],
    dashboardPort: readPort(values['dashboard-port']),
    checks: { prometheusUrl: values['prometheus-url'], namespace: values['lease-namespace'] },
    leaderElection: values['leader-elect']
      ? {
          namespace: values['lease-namespace'],
          name: OPERATOR_NAME,
          // The fence compares what stands before the underscore with the pod that a write comes from.
          identity: `${process.env.POD_NAME || hostname()}_${randomUUID().slice(0, 8)}`,
        }
      : undefined,
  });
  await runUntilSignal(operator, { drainMs: DRAIN_MS, logger });
  await tracing?.stop(TRACES_MS);
  process.exit(0);
}
