import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { chart, figure, table } from './panels.ts';
import { labelVariable } from './variables.ts';

/** Labels of the operators that are looked at. */
const OURS = 'job="$job", pod=~"$pod"';

/** How long the slowest half and the slowest hundredth of something took. */
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

/** The operator itself: does it work, does it keep up, what does it cost. */
export function operatorDashboard(): DashboardBuilder {
  const rate = (metric: string, by: string, matchers = OURS) =>
    `sum by (${by}) (rate(${metric}{${matchers}}[$__rate_interval]))`;
  return dashboard(
    'restapi-operator',
    'RestAPI operator',
    'Does the operator work, does it keep up, and what does it cost?',
  )
    .withVariable(labelVariable('job', 'Job', 'operator_build_info{name="restapi-operator"}'))
    .withVariable(labelVariable('pod', 'Pod', 'operator_leader{job="$job"}', { many: true }))
    .withPanel(
      figure(
        { title: 'Operators that answer', description: 'Pods that Prometheus reached at its last look.' },
        ['sum(up{job="$job"})', ''],
        { good: 1, none: '0' },
      ),
    )
    .withPanel(
      figure(
        { title: 'Leader', description: 'The pod that works; the others stand by.' },
        ['operator_leader{job="$job"} == 1', '{{pod}}'],
        { showsName: true, none: 'nobody' },
      ),
    )
    .withPanel(
      figure({ title: 'RestAPIs', description: 'Those in the cache of the operator.' }, [
        'max(operator_cache_objects{job="$job", kind="RestAPI"})',
        '',
      ]),
    )
    .withPanel(
      figure(
        {
          title: 'Runs that fail',
          description: 'Share of the runs with something to do that failed in the last 10 minutes.',
          unit: 'percentunit',
        },
        [
          `sum(rate(operator_reconcile_errors_total{${OURS}}[10m])) / sum(rate(operator_reconcile_total{${OURS}, result!~"unchanged|parked"}[10m]))`,
          '',
        ],
        { bad: 0.1, none: 'no runs' },
      ),
    )
    .withPanel(
      figure(
        {
          title: 'Requests that fail',
          description:
            'Share of the requests to the API server without an answer, with 429 or a server error, in the last 10 minutes.',
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
        { title: 'Versions', description: 'What runs where.', width: 4, height: 4 },
        'max by (pod, version) (operator_build_info{job="$job"})',
        { pod: 'Pod', version: 'Version' },
      ),
    )
    .withRow(new RowBuilder('Runs'))
    .withPanel(
      chart(
        {
          title: 'Runs by result',
          description: 'success; requeue: asked to be run again; unchanged: nothing to do; error: tried again.',
          unit: 'ops',
        },
        [[rate('operator_reconcile_total', 'result'), '{{result}}']],
        { stacked: true },
      ),
    )
    .withPanel(
      chart(
        { title: 'How long runs take', description: 'Without those that had nothing to do.', unit: 's' },
        durations('operator_reconcile_duration_seconds', 'controller', '{{controller}}'),
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Objects written',
          description: 'repair: somebody else had changed the object. Many of these mean that two controllers fight.',
          unit: 'ops',
        },
        [[rate('operator_applied_objects_total', 'action, kind'), '{{action}} {{kind}}']],
      ),
    )
    .withRow(new RowBuilder('Queue'))
    .withPanel(
      chart({ title: 'Keys that wait', description: 'RestAPIs that are due for a run, at the moment of each look.' }, [
        [`sum by (name, pod) (workqueue_depth{${OURS}})`, '{{name}} {{pod}}'],
      ]),
    )
    .withPanel(
      chart(
        { title: 'How long keys wait', description: 'From being due to the start of the run.', unit: 's' },
        durations('workqueue_queue_duration_seconds', 'name', '{{name}}'),
      ),
    )
    .withPanel(
      chart({ title: 'Oldest run under way', description: 'One that only grows hangs.', unit: 's' }, [
        [`max by (name, pod) (workqueue_longest_running_processor_seconds{${OURS}})`, '{{name}} {{pod}}'],
      ]),
    )
    .withPanel(
      chart(
        {
          title: 'Keys added and retried',
          description: 'How much there is to do, and how much of it comes back.',
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
        { title: 'How long a key is worked on', description: 'All runs, also those with nothing to do.', unit: 's' },
        durations('workqueue_work_duration_seconds', 'name', '{{name}}'),
      ),
    )
    .withRow(new RowBuilder('API server'))
    .withPanel(
      chart(
        { title: 'Requests by answer', description: 'HTTP status, or why there was none.', unit: 'reqps' },
        [[rate('rest_client_requests_total', 'code'), '{{code}}']],
        { stacked: true },
      ),
    )
    .withPanel(
      chart({ title: 'Requests by kind', description: 'Which resources cost the most requests.', unit: 'reqps' }, [
        [`topk(10, ${rate('rest_client_requests_total', 'method, resource')})`, '{{method}} {{resource}}'],
      ]),
    )
    .withPanel(
      chart(
        { title: 'How long requests take', description: 'Without watches.', unit: 's' },
        durations('rest_client_request_duration_seconds', 'verb', '{{verb}}', `${OURS}, verb!="watch"`),
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Watches opened again',
          description: 'By why the one before ended; ended and silent are the normal end after about 50 s.',
          unit: 'ops',
        },
        [[rate('operator_watch_reconnects_total', 'reason'), '{{reason}}']],
      ),
    )
    .withPanel(
      chart({ title: 'Objects in memory', description: 'By kind; they are most of the memory of the operator.' }, [
        [`max by (kind) (operator_cache_objects{${OURS}})`, '{{kind}}'],
      ]),
    )
    .withRow(new RowBuilder('Process'))
    .withPanel(
      chart({ title: 'CPU', description: 'Cores used.' }, [[rate('process_cpu_seconds_total', 'pod'), '{{pod}}']]),
    )
    .withPanel(
      chart({ title: 'Memory', description: 'Of the process, and of it the heap that is in use.', unit: 'bytes' }, [
        [`max by (pod) (process_resident_memory_bytes{${OURS}})`, '{{pod}} process'],
        [`max by (pod) (nodejs_heap_size_used_bytes{${OURS}})`, '{{pod}} heap'],
      ]),
    )
    .withPanel(
      chart(
        {
          title: 'Event loop lag',
          description: 'How long the event loop is held up; probes and Leases suffer from seconds.',
          unit: 's',
        },
        [[`max by (pod) (nodejs_eventloop_lag_p99_seconds{${OURS}})`, '{{pod}} p99']],
      ),
    );
}
