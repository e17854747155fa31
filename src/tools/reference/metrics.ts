import { KubeConfig } from '@kubernetes/client-node';
import { createOperator } from '../../create-operator.ts';

/** A metric as the reference page lists it. */
interface DocumentedMetric {
  name: string;
  type: string;
  labelNames: readonly string[];
  help: string;
}

/** Sections of the page. A metric belongs to the first one whose pattern matches its name. */
const SECTIONS: readonly (readonly [title: string, names: RegExp])[] = [
  ['RestAPIs', /^restapi_/],
  ['Reconciles', /^operator_(reconcile|applied)_/],
  ['Work queues', /workqueue_/],
  ['API server and caches', /^(rest_client|operator_cache|operator_watch)_/],
  ['Operator', /^operator_(leader|build_info)/],
];

const INTRODUCTION = `<!-- Generated from the code by \`npm run generate\`. Do not edit. -->

# Metrics

The operator serves these metrics at \`/metrics\` when it runs with \`--metrics-address :8080\`, as in
[\`kustomize/base\`](../../kustomize/base); the Service is \`restapi-operator-metrics\`, port \`metrics\`. Without the flag there is no
endpoint. Standbys serve it too and expose the same values of RestAPIs, so aggregate them with \`max\`, not \`sum\`.

Everything but \`restapi_…\` comes from the framework, whose labels never contain the name of an object. A metric of type
histogram has the series \`_bucket\`, \`_sum\` and \`_count\`. [Prom-client](https://github.com/siimon/prom-client) adds
\`process_…\` and \`nodejs_…\` metrics of the process.
`;

/** Returns the reference page of all metrics, generated from an operator that is built but never started. */
export function metricsPage(): string {
  const metrics = operatorMetrics();
  const sections = SECTIONS.map(([title, names]) => {
    const own = metrics.filter((metric) => names.test(metric.name));
    return `## ${title}\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n${own.map(rowOf).join('')}`;
  });
  const homeless = metrics.filter(({ name }) => !SECTIONS.some(([, names]) => names.test(name)));
  if (homeless.length > 0) {
    throw new Error(`no section for the metrics ${homeless.map(({ name }) => name).join(', ')}: add one to SECTIONS`);
  }
  return [INTRODUCTION, ...sections].join('\n');
}

function operatorMetrics(): DocumentedMetric[] {
  // It never connects: a cluster is only needed to build the operator.
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'none', server: 'https://127.0.0.1:1', skipTLSVerify: false },
    { name: 'none' },
  );
  const leaderElection = { namespace: 'none', name: 'none', identity: 'none' };
  const { registry } = createOperator({ kubeConfig, leaderElection }).metrics;
  // prom-client does not declare these properties of its metrics.
  return registry.getMetricsAsArray() as unknown as DocumentedMetric[];
}

function rowOf({ name, type, labelNames, help }: DocumentedMetric): string {
  const labels = labelNames.map((label) => `\`${label}\``).join(', ');
  return `| \`${name}\` | ${type} | ${labels || '–'} | ${help.replaceAll('|', '\\|')} |\n`;
}
