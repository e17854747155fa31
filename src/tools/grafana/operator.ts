import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { chart, figure, table } from './panels.ts';
import { labelVariable } from './variables.ts';

/** Selects the chosen operator replicas. */
const OURS = 'job="$job", pod=~"$pod"';

/** The median and the 99th percentile of a histogram. */
function durations(histogram: string, by: string, legend: string, matchers = OURS): [string, string][] {
  return [
    [
      `histogram_quantile(0.5, sum by (le, ${by}) (rate(${histogram}_bucket{${matchers}}[$__rate_interval])))`,
      `${legend} p50`,
    ],
    [
      `histogram_quantile(0.99, sum by (le, ${by}) (rate(${histogram}_bucket{${matchers}}[$__rate_interval])))`,
      `${legend} p99`,
    ],
  ];
}

/** The operator itself: its health, its work queues and its cost. */
export function operatorDashboard(): DashboardBuilder {
  const rate = (metric: string, by: string, matchers = OURS) =>
    `sum by (${by}) (rate(${metric}{${matchers}}[$__rate_interval]))`;
  return dashboard(
    'restapi-operator',
    'RestAPI operator',
    'Is the operator healthy, does it keep up, and what does it cost?',
  )
    .withVariable(labelVariable('job', 'Job', 'operator_build_info{name="restapi-operator"}'))
    .withVariable(labelVariable('pod', 'Pod', 'operator_leader{job="$job"}', { many: true }))
    .withPanel(
      figure(
        { title: 'Operators up', description: 'Operator pods that Prometheus reached in its last scrape.' },
        ['sum(up{job="$job"})', ''],
        { good: 1, none: '0' },
      ),
    )
    .withPanel(
      figure(
        { title: 'Leader', description: 'The pod that reconciles; the others are standbys.' },
        ['operator_leader{job="$job"} == 1', '{{pod}}'],
        { showsName: true, none: 'none' },
      ),
    )
    .withPanel(
      figure({ title: 'RestAPIs', description: 'RestAPIs in the cache of the operator.' }, [
        'max(operator_cache_objects{job="$job", kind="RestAPI"})',
        '',
      ]),
    )
    .withPanel(
      figure(
        {
          title: 'Failed reconciles',
          description: 'Share of the reconciles with work to do that failed in the last 10 minutes.',
          unit: 'percentunit',
        },
        [
          `sum(rate(operator_reconcile_errors_total{${OURS}}[10m])) / sum(rate(operator_reconcile_total{${OURS}, result!~"unchanged|parked"}[10m]))`,
          '',
        ],
        { bad: 0.1, none: 'no reconciles' },
      ),
    )
    .withPanel(
      figure(
        {
          title: 'Failed requests',
          description:
            'Share of the requests to the API server with no response, a 429 or a 5xx in the last 10 minutes.',
          unit: 'percentunit',
        },
        [
          `(sum(rate(rest_client_requests_total{${OURS}, code=~"5..|429|network|timeout|unexpected"}[10m])) or vector(0)) / sum(rate(rest_client_requests_total{${OURS}}[10m]))`,
          '',
        ],
        { bad: 0.05, none: 'no requests' },
      ),
    )
    .withPanel(
      table(
        { title: 'Versions', description: 'Version of each operator pod.', width: 4, height: 4 },
        'max by (pod, version) (operator_build_info{job="$job"})',
        { pod: 'Pod', version: 'Version' },
      ),
    )
    .withRow(new RowBuilder('Reconciles'))
    .withPanel(
      chart(
        {
          title: 'Reconciles by result',
          description:
            'success; requeue: the handler requested another run; unchanged: nothing to do; parked: waits for a dependency; error: retried.',
          unit: 'ops',
        },
        [[rate('operator_reconcile_total', 'result'), '{{result}}']],
        { stacked: true },
      ),
    )
    .withPanel(
      chart(
        { title: 'Reconcile duration', description: 'Without reconciles that had nothing to do.', unit: 's' },
        durations('operator_reconcile_duration_seconds', 'controller', '{{controller}}'),
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Objects written',
          description:
            'repair: a change by another client was reverted. Many repairs mean that two controllers conflict.',
          unit: 'ops',
        },
        [[rate('operator_applied_objects_total', 'action, kind'), '{{action}} {{kind}}']],
      ),
    )
    .withRow(new RowBuilder('Work queue'))
    .withPanel(
      chart({ title: 'Queue depth', description: 'Keys waiting for a reconcile at each scrape.' }, [
        [`sum by (name, pod) (workqueue_depth{${OURS}})`, '{{name}} {{pod}}'],
      ]),
    )
    .withPanel(
      chart(
        { title: 'Queue wait', description: 'From being due to the start of the reconcile.', unit: 's' },
        durations('workqueue_queue_duration_seconds', 'name', '{{name}}'),
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Longest running reconcile',
          description: 'A value that only grows means that a reconcile is stuck.',
          unit: 's',
        },
        [[`max by (name, pod) (workqueue_longest_running_processor_seconds{${OURS}})`, '{{name}} {{pod}}']],
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Keys added and retried',
          description: 'How much work arrives, and how much of it is retried.',
          unit: 'ops',
        },
        [
          [rate('workqueue_adds_total', 'name'), '{{name}} added'],
          [rate('workqueue_retries_total', 'name'), '{{name}} retried'],
        ],
      ),
    )
    .withPanel(
      chart(
        { title: 'Work duration', description: 'All reconciles, including those with nothing to do.', unit: 's' },
        durations('workqueue_work_duration_seconds', 'name', '{{name}}'),
      ),
    )
    .withRow(new RowBuilder('API server'))
    .withPanel(
      chart(
        { title: 'Requests by response', description: 'HTTP status, or why there was no response.', unit: 'reqps' },
        [[rate('rest_client_requests_total', 'code'), '{{code}}']],
        { stacked: true },
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Requests by resource',
          description: 'The ten resources and methods with the most requests.',
          unit: 'reqps',
        },
        [[`topk(10, ${rate('rest_client_requests_total', 'method, resource')})`, '{{method}} {{resource}}']],
      ),
    )
    .withPanel(
      chart(
        { title: 'Request duration', description: 'Without watches.', unit: 's' },
        durations('rest_client_request_duration_seconds', 'verb', '{{verb}}', `${OURS}, verb!="watch"`),
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Watch reconnects',
          description: 'By the reason that the previous watch ended; ended and silent are normal after about 50 s.',
          unit: 'ops',
        },
        [[rate('operator_watch_reconnects_total', 'reason'), '{{reason}}']],
      ),
    )
    .withPanel(
      chart({ title: 'Objects in caches', description: "By kind; they take most of the operator's memory." }, [
        [`max by (kind) (operator_cache_objects{${OURS}})`, '{{kind}}'],
      ]),
    )
    .withRow(new RowBuilder('Process'))
    .withPanel(
      chart({ title: 'CPU', description: 'CPU cores used.' }, [[rate('process_cpu_seconds_total', 'pod'), '{{pod}}']]),
    )
    .withPanel(
      chart({ title: 'Memory', description: 'Resident memory of the process, and the heap in use.', unit: 'bytes' }, [
        [`max by (pod) (process_resident_memory_bytes{${OURS}})`, '{{pod}} process'],
        [`max by (pod) (nodejs_heap_size_used_bytes{${OURS}})`, '{{pod}} heap'],
      ]),
    )
    .withPanel(
      chart(
        {
          title: 'Event loop lag',
          description: 'Delay of the event loop; delays of seconds make probes and Lease renewals fail.',
          unit: 's',
        },
        [[`max by (pod) (nodejs_eventloop_lag_p99_seconds{${OURS}})`, '{{pod}} p99']],
      ),
    );
}
