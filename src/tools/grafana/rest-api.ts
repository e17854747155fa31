import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { chart, figure, timeline } from './panels.ts';
import { labelVariable } from './variables.ts';

const OURS = 'namespace="$namespace", name="$name"';
const OF_COMPONENT = `${OURS}, component="$component"`;

/** One RestAPI: its components, their pods and scaling, and its releases. */
export function restApiDashboard(): DashboardBuilder {
  const by = (label: string, metric: string, matchers = OURS) => `max by (${label}) (${metric}{${matchers}})`;
  const component = (metric: string) => `max(${metric}{${OF_COMPONENT}})`;
  return dashboard('restapi', 'RestAPI', 'One RestAPI: its components, their pods and scaling, and its releases.')
    .withVariable(labelVariable('namespace', 'Namespace', 'restapi_info'))
    .withVariable(labelVariable('name', 'Name', 'restapi_info{namespace="$namespace"}'))
    .withVariable(labelVariable('component', 'Component', `restapi_replicas{${OURS}}`, { many: true }))
    .withPanel(
      figure(
        { title: 'Phase', description: 'The phase in its status; kubectl restapi status has the details.' },
        [by('phase', 'restapi_info'), '{{phase}}'],
        { showsName: true, none: 'none' },
      ),
    )
    .withPanel(
      figure({ title: 'Ready', description: '1: ready with its current spec.' }, [`max(restapi_ready{${OURS}})`, ''], {
        good: 1,
        none: 'none',
      }),
    )
    .withPanel(
      figure(
        { title: 'Pods ready', description: 'Ready pods of all components.' },
        [`sum(${by('component', 'restapi_ready_replicas')})`, ''],
        { none: '0' },
      ),
    )
    .withPanel(
      figure(
        { title: 'Pods desired', description: 'Desired pods of all components.' },
        [`sum(${by('component', 'restapi_replicas')})`, ''],
        {
          none: '0',
        },
      ),
    )
    .withPanel(
      figure(
        { title: 'Active environment', description: 'The environment that serves; main without blue-green releases.' },
        [by('environment', 'restapi_active_environment'), '{{environment}}'],
        { showsName: true, none: 'none' },
      ),
    )
    .withPanel(
      figure(
        { title: 'Release', description: 'Phase of the release in progress.' },
        [by('phase', 'restapi_release_phase'), '{{phase}}'],
        { showsName: true, none: 'none' },
      ),
    )
    .withPanel(
      timeline(
        { title: 'Conditions', description: 'Conditions that are true over time.', width: 24, height: 8 },
        [[by('type', 'restapi_condition', `${OURS}, status="true"`), '{{type}}']],
        { '1': ['true', 'blue'], '0': ['not true', 'transparent'] },
      ),
    )
    .withRow(new RowBuilder('Components'))
    .withPanel(
      chart(
        {
          title: 'Pods of the $component',
          description:
            'Between min and max where the component is autoscaled; forecast is the minimum for the predicted load.',
          width: 12,
        },
        [
          [component('restapi_replicas'), 'desired'],
          [component('restapi_ready_replicas'), 'ready'],
          [component('restapi_autoscaling_min_replicas'), 'min'],
          [component('restapi_autoscaling_max_replicas'), 'max'],
          [component('restapi_forecast_min_replicas'), 'forecast'],
        ],
        { perSeriesOf: 'component' },
      ),
    )
    .withRow(new RowBuilder('Scaling'))
    .withPanel(
      chart(
        {
          title: 'Scaling metrics',
          description: 'Current value and target; percent for cpu and memory.',
          width: 12,
        },
        [
          [by('component, metric', 'restapi_autoscaling_metric_current'), '{{component}} {{metric}}'],
          [by('component, metric', 'restapi_autoscaling_metric_target'), '{{component}} {{metric}} target'],
        ],
      ),
    )
    .withPanel(
      chart(
        { title: 'Forecast error', description: 'Recent error as a share of the load.', width: 6, unit: 'percentunit' },
        [[by('component', 'restapi_forecast_error_ratio'), '{{component}}']],
      ),
    )
    .withPanel(
      timeline(
        { title: 'Forecast used', description: 'Whether the recent error is small enough.', width: 6 },
        [[by('component', 'restapi_forecast_reliable'), '{{component}}']],
        { '1': ['used', 'green'], '0': ['not used', 'orange'] },
      ),
    )
    .withPanel(
      chart({ title: 'Recommended CPU requests', description: 'Per pod, in cores, from measured usage.', width: 12 }, [
        [by('component', 'restapi_recommended_requests', `${OURS}, resource="cpu"`), '{{component}}'],
      ]),
    )
    .withPanel(
      chart(
        {
          title: 'Recommended memory requests',
          description: 'Per pod, from measured usage.',
          width: 12,
          unit: 'bytes',
        },
        [[by('component', 'restapi_recommended_requests', `${OURS}, resource="memory"`), '{{component}}']],
      ),
    )
    .withRow(new RowBuilder('Healing'))
    .withPanel(
      chart({ title: 'Healed', description: 'Healing actions since the leader started.', width: 12 }, [
        [by('component, action', 'restapi_healing_actions_total'), '{{action}} {{component}}'],
      ]),
    )
    .withPanel(
      timeline(
        {
          title: 'Healing held',
          description: 'Healing is needed but held back; the condition HealingHeld has the reason.',
          width: 12,
        },
        [[by('type', 'restapi_condition', `${OURS}, type="HealingHeld", status="true"`), '{{type}}']],
        { '1': ['held', 'orange'] },
      ),
    )
    .withRow(new RowBuilder('Releases'))
    .withPanel(
      timeline(
        { title: 'Active environment over time', description: 'Each change is a promotion or a rollback.', width: 12 },
        [[by('environment', 'restapi_active_environment'), '{{environment}}']],
        { '1': ['active', 'green'] },
      ),
    )
    .withPanel(
      timeline(
        { title: 'Releases', description: 'Phases of each release and how long they took.', width: 12 },
        [[by('phase', 'restapi_release_phase'), '{{phase}}']],
        { '1': ['in progress', 'blue'] },
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Releases ended',
          description: 'Releases by result, and rollbacks, in the selected time range.',
          width: 12,
        },
        [
          [`max by (result) (increase(restapi_releases_total{${OURS}}[$__range]))`, '{{result}}'],
          [`max(increase(restapi_rollbacks_total{${OURS}}[$__range]))`, 'rollbacks'],
        ],
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Time without progress',
          description: 'Time since the release in progress last advanced.',
          width: 12,
          unit: 's',
        },
        [[`time() - max(restapi_release_progress_timestamp_seconds{${OURS}})`, 'time']],
      ),
    );
}
