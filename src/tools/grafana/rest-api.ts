import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { chart, figure, timeline } from './panels.ts';
import { labelVariable } from './variables.ts';

const OURS = 'namespace="$namespace", name="$name"';
const OF_COMPONENT = `${OURS}, component="$component"`;

/** One RestAPI: its four components, their pods and scaling, and its releases. */
export function restApiDashboard(): DashboardBuilder {
  const by = (label: string, metric: string, matchers = OURS) => `max by (${label}) (${metric}{${matchers}})`;
  const component = (metric: string) => `max(${metric}{${OF_COMPONENT}})`;
  return dashboard('restapi', 'RestAPI', 'One RestAPI: its components, their pods and scaling, and its releases.')
    .withVariable(labelVariable('namespace', 'Namespace', 'restapi_info'))
    .withVariable(labelVariable('name', 'Name', 'restapi_info{namespace="$namespace"}'))
    .withVariable(labelVariable('component', 'Component', `restapi_replicas{${OURS}}`, { many: true }))
    .withPanel(
      figure(
        { title: 'Phase', description: 'Its state in one word; kubectl restapi status says more.' },
        [by('phase', 'restapi_info'), '{{phase}}'],
        { showsName: true, none: 'none' },
      ),
    )
    .withPanel(
      figure({ title: 'Ready', description: '1: ready as it is asked for now.' }, [`max(restapi_ready{${OURS}})`, ''], {
        good: 1,
        none: 'none',
      }),
    )
    .withPanel(
      figure(
        { title: 'Pods ready', description: 'Of all components.' },
        [`sum(${by('component', 'restapi_ready_replicas')})`, ''],
        { none: '0' },
      ),
    )
    .withPanel(
      figure(
        { title: 'Pods there should be', description: 'Of all components.' },
        [`sum(${by('component', 'restapi_replicas')})`, ''],
        {
          none: '0',
        },
      ),
    )
    .withPanel(
      figure(
        { title: 'Requests go to', description: 'main: without blue-green releases.' },
        [by('environment', 'restapi_active_environment'), '{{environment}}'],
        { showsName: true, none: 'none' },
      ),
    )
    .withPanel(
      figure(
        { title: 'Release', description: 'How far the one has come that is under way.' },
        [by('phase', 'restapi_release_phase'), '{{phase}}'],
        { showsName: true, none: 'none' },
      ),
    )
    .withPanel(
      timeline(
        { title: 'Conditions', description: 'Those that are true, and since when.', width: 24, height: 8 },
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
            'Between fewest and most where it follows its load; the forecast is the fewest for the load to come.',
          width: 12,
        },
        [
          [component('restapi_replicas'), 'should be'],
          [component('restapi_ready_replicas'), 'ready'],
          [component('restapi_autoscaling_min_replicas'), 'fewest'],
          [component('restapi_autoscaling_max_replicas'), 'most'],
          [component('restapi_forecast_min_replicas'), 'forecast'],
        ],
        { perSeriesOf: 'component' },
      ),
    )
    .withRow(new RowBuilder('Scaling'))
    .withPanel(
      chart(
        {
          title: 'What numbers of pods follow',
          description: 'Beside what it should be: percent for cpu and memory.',
          width: 12,
        },
        [
          [by('component, metric', 'restapi_autoscaling_metric_current'), '{{component}} {{metric}}'],
          [by('component, metric', 'restapi_autoscaling_metric_target'), '{{component}} {{metric}} should be'],
        ],
      ),
    )
    .withPanel(
      chart({ title: 'Error of the forecast', description: 'As a share of the load.', width: 6, unit: 'percentunit' }, [
        [by('component', 'restapi_forecast_error_ratio'), '{{component}}'],
      ]),
    )
    .withPanel(
      timeline(
        { title: 'Forecast followed', description: 'Whether it was good enough lately.', width: 6 },
        [[by('component', 'restapi_forecast_reliable'), '{{component}}']],
        { '1': ['followed', 'green'], '0': ['not followed', 'orange'] },
      ),
    )
    .withPanel(
      chart({ title: 'CPU each pod should request', description: 'By what they use: cores.', width: 12 }, [
        [by('component', 'restapi_recommended_requests', `${OURS}, resource="cpu"`), '{{component}}'],
      ]),
    )
    .withPanel(
      chart({ title: 'Memory each pod should request', description: 'By what they use.', width: 12, unit: 'bytes' }, [
        [by('component', 'restapi_recommended_requests', `${OURS}, resource="memory"`), '{{component}}'],
      ]),
    )
    .withRow(new RowBuilder('Healing'))
    .withPanel(
      chart({ title: 'Healed', description: 'Times since the operator that works started.', width: 12 }, [
        [by('component, action', 'restapi_healing_actions_total'), '{{action}} {{component}}'],
      ]),
    )
    .withPanel(
      timeline(
        {
          title: 'Healing held',
          description: 'Something is to be healed and is not; the condition HealingHeld says why.',
          width: 12,
        },
        [[by('type', 'restapi_condition', `${OURS}, type="HealingHeld", status="true"`), '{{type}}']],
        { '1': ['held', 'orange'] },
      ),
    )
    .withRow(new RowBuilder('Releases'))
    .withPanel(
      timeline(
        { title: 'Where requests went', description: 'Each change is a switch.', width: 12 },
        [[by('environment', 'restapi_active_environment'), '{{environment}}']],
        { '1': ['active', 'green'] },
      ),
    )
    .withPanel(
      timeline(
        { title: 'Releases', description: 'How far each came, and how long that took.', width: 12 },
        [[by('phase', 'restapi_release_phase'), '{{phase}}']],
        { '1': ['under way', 'blue'] },
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Releases that ended',
          description: 'In the time shown, by how; and times that requests went back.',
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
          title: 'Release stands still',
          description: 'Time since the release under way last came further.',
          width: 12,
          unit: 's',
        },
        [[`time() - max(restapi_release_progress_timestamp_seconds{${OURS}})`, 'since']],
      ),
    );
}
