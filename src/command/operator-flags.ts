import { PROMETHEUS_NAMESPACES } from '../../resources/index.ts';
import { HASH_KEY_SECRET, OPERATOR_NAME, OPERATOR_NAMESPACE } from '../create-operator.ts';
import { DEFAULT_MAX_RELEASES } from '../pacing/release-turns.ts';
import { SERVICE_ROUTES } from '../services/service-route.ts';
import { type FlagTable, flagLines } from '../terminal/flag-table.ts';

/** Every flag of the operator's main program. */
export const OPERATOR_FLAGS = {
  kubeconfig: {
    type: 'string',
    value: 'FILE',
    help: 'Read cluster and credentials from this kubeconfig',
    whenMissing: "the same as kubectl, or the pod's ServiceAccount",
  },
  context: {
    type: 'string',
    value: 'NAME',
    help: 'Use this context of the kubeconfig',
    whenMissing: 'the current context',
  },
  namespaces: {
    type: 'string',
    list: true,
    value: 'NAMES',
    help: 'Watch these namespaces only, comma-separated',
    env: 'NAMESPACES',
    whenMissing: 'all namespaces',
  },
  'leader-elect': {
    type: 'boolean',
    help: `Enable leader election with the Lease ${OPERATOR_NAME}; only the leader reconciles`,
  },
  'lease-namespace': {
    type: 'string',
    value: 'NAME',
    help: `Keep the Lease and the Secret ${HASH_KEY_SECRET} in this namespace`,
    env: 'POD_NAMESPACE',
    default: OPERATOR_NAMESPACE,
  },
  'health-address': {
    type: 'string',
    value: 'ADDR',
    help: 'Serve /healthz and /readyz on this address, such as :8081',
    whenMissing: 'not served',
  },
  'metrics-address': {
    type: 'string',
    value: 'ADDR',
    help: 'Serve /metrics on this address, such as :8080',
    whenMissing: 'not served',
  },
  'metrics-secure': {
    type: 'boolean',
    help: 'Serve /metrics over TLS, to clients with a token whose user may get the nonResourceURL /metrics',
  },
  'dashboard-port': {
    type: 'string',
    value: 'PORT',
    help: 'Serve the dashboard on this port of localhost, such as 8090',
    env: 'DASHBOARD_PORT',
    whenMissing: 'no dashboard',
  },
  'dashboard-address': {
    type: 'string',
    value: 'ADDR',
    help: 'Serve the dashboard over TLS on this address, such as :8443, to users with a token who may get the nonResourceURL /dashboard',
    whenMissing: 'not served beyond localhost',
  },
  'tls-cert-file': {
    type: 'string',
    value: 'FILE',
    help: 'Serve metrics and dashboard with this PEM certificate; a changed file takes effect within a minute',
    whenMissing: 'a self-signed certificate',
  },
  'tls-private-key-file': {
    type: 'string',
    value: 'FILE',
    help: 'Private key of the certificate of --tls-cert-file, PEM',
    whenMissing: 'that of the self-signed certificate',
  },
  'prometheus-url': {
    type: 'string',
    value: 'URL',
    help: 'Query this Prometheus for release checks and load history',
    env: 'PROMETHEUS_URL',
    whenMissing: 'no Prometheus',
  },
  'prometheus-namespaces': {
    type: 'string',
    list: true,
    value: 'NAMES',
    help: 'Let Prometheus scrape components from these namespaces, comma-separated; empty for none',
    env: 'PROMETHEUS_NAMESPACES',
    default: PROMETHEUS_NAMESPACES.join(','),
  },
  'max-releases': {
    type: 'string',
    value: 'NUMBER',
    help: 'Make this many blue-green releases at a time, over all RestAPIs; 0 for any number',
    env: 'MAX_RELEASES',
    default: String(DEFAULT_MAX_RELEASES),
  },
  'service-route': {
    type: 'string',
    value: 'ROUTE',
    help: `Reach Services for checks by this route: ${SERVICE_ROUTES.join(', ')}`,
    values: SERVICE_ROUTES,
    whenMissing: 'network in a pod of the cluster, else api-server',
  },
  'release-author': {
    type: 'boolean',
    help: 'Report who requested a release; set by kustomize/components/release-author, without which anyone could forge it',
  },
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    help: 'Log at this level: error, warn, info or debug',
    default: 'info',
  },
  help: { type: 'boolean', help: 'Print this text' },
} as const satisfies FlagTable;

/** Environment variables that the operator reads besides those of its flags. */
export const OPERATOR_VARIABLES: Readonly<Record<string, string>> = {
  KUBECONFIG: 'Kubeconfig files, separated as in PATH, if --kubeconfig is missing',
  POD_NAME: 'Name of the pod, by which the leader is identified; default: the host name',
  'HTTPS_PROXY, HTTP_PROXY, NO_PROXY': 'Proxy for requests to the API server, as for kubectl',
  'OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT':
    'Send traces to this URL by OTLP over HTTP; default: no traces',
  'OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES': 'Resource attributes of the traces',
  'OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG': 'Sampler of the traces; default: parentbased_always_on',
  'OTEL_BSP_SCHEDULE_DELAY, OTEL_BSP_EXPORT_TIMEOUT, OTEL_BSP_MAX_QUEUE_SIZE, OTEL_BSP_MAX_EXPORT_BATCH_SIZE':
    'Limits of the batches in which traces are sent',
  'OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER': 'Set to true or none, respectively, to send no traces',
};

export const OPERATOR_USAGE = `restapi-operator: turns RestAPI resources into running applications.

Usage: restapi-operator [flags]

Flags
${flagLines(OPERATOR_FLAGS).join('\n')}

Set OTEL_EXPORTER_OTLP_ENDPOINT to send traces by OTLP over HTTP.
`;
