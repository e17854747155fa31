import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { chart, figure, table } from './panels.ts';
import { labelVariable } from './variables.ts';

const OURS = 'namespace=~"$namespace"';

/** Refers to the value of a column in the clicked row. */
const field = (title: string) => `\${__data.fields.${title}}`;

/** Links a row to the dashboard of its RestAPI. */
const LINK = {
  title: 'Show this RestAPI',
  url: `/d/restapi?var-datasource=$datasource&var-namespace=${field('Namespace')}&var-name=${field('Name')}`,
  on: 'name',
};

const NAMED = { namespace: 'Namespace', name: 'Name' };

/** A metric of RestAPIs. Every operator replica exposes the same value, hence max and not sum. */
function each(metric: string, by: string, matchers = OURS): string {
  return `max by (namespace, name${by ? `, ${by}` : ''}) (${metric}{${matchers}})`;
}

/** All RestAPIs, and which of them need attention. */
export function fleetDashboard(): DashboardBuilder {
  const inPhase = (phase: string) => each('restapi_info', '', `${OURS}, phase="${phase}"`);
  const condition = (type: string, status: string) =>
    `${each('restapi_condition', '', `${OURS}, type="${type}", status="${status}"`)} == 1`;
  return dashboard('restapi-fleet', 'RestAPI fleet', 'Which RestAPIs need attention?')
    .withVariable(labelVariable('namespace', 'Namespace', 'restapi_info', { many: true }))
    .withPanel(
      figure(
        { title: 'RestAPIs', description: 'All RestAPIs in these namespaces.' },
        [`count(${each('restapi_info', '')})`, ''],
        {
          none: '0',
        },
      ),
    )
    .withPanel(
      figure(
        { title: 'Ready', description: 'Ready with their current spec.' },
        [`sum(${each('restapi_ready', '')})`, ''],
        { none: '0' },
      ),
    )
    .withPanel(
      figure(
        { title: 'Degraded', description: 'No longer ready, with an unchanged spec.' },
        [`count(${inPhase('Degraded')}) or vector(0)`, ''],
        { bad: 1 },
      ),
    )
    .withPanel(
      figure(
        { title: 'Failed', description: 'Their spec cannot be applied.' },
        [`count(${inPhase('Failed')}) or vector(0)`, ''],
        { bad: 1 },
      ),
    )
    .withPanel(
      figure(
        { title: 'Pods ready', description: 'Ready pods as a share of the desired ones.', unit: 'percentunit' },
        [`sum(${each('restapi_ready_replicas', 'component')}) / sum(${each('restapi_replicas', 'component')})`, ''],
        { good: 0.9, none: 'no pods' },
      ),
    )
    .withPanel(
      figure({ title: 'Releases in progress', description: 'Blue-green releases that have started and not ended.' }, [
        `count(${each('restapi_release_phase', '')}) or vector(0)`,
        '',
      ]),
    )
    .withPanel(
      chart(
        { title: 'Phases', description: 'RestAPIs by phase.', width: 12 },
        [[`count by (phase) (${each('restapi_info', 'phase')})`, '{{phase}}']],
        { stacked: true },
      ),
    )
    .withPanel(
      chart({ title: 'Pods', description: 'Pods of all components together.', width: 12 }, [
        [`sum(${each('restapi_replicas', 'component')})`, 'desired'],
        [`sum(${each('restapi_ready_replicas', 'component')})`, 'ready'],
      ]),
    )
    .withRow(new RowBuilder('Needs attention'))
    .withPanel(
      table(
        { title: 'Not ready', description: 'RestAPIs that are not ready, with their phases.', width: 8 },
        each('restapi_info', 'phase', `${OURS}, phase!~"Ready|Stopped"`),
        { ...NAMED, phase: 'Phase' },
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        { title: 'Components without a ready pod', description: 'Requests to them fail.', width: 8 },
        `${each('restapi_ready_replicas', 'component')} == 0 and ${each('restapi_replicas', 'component')} > 0`,
        { ...NAMED, component: 'Component' },
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        { title: 'Alerts', description: 'Firing alerts; docs/reference/alerts.md explains each.', width: 8 },
        'max by (alertname, severity, namespace, name) (ALERTS{alertstate="firing", alertname=~"RestAPI.+"})',
        { alertname: 'Alert', severity: 'Severity', ...NAMED },
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        { title: 'Healed', description: 'Healing actions since the leader started.', width: 12 },
        each('restapi_healing_actions_total', 'component, action'),
        { ...NAMED, component: 'Component', action: 'Action' },
        { value: 'Count', link: LINK },
      ),
    )
    .withPanel(
      table(
        {
          title: 'Healing held',
          description: 'Healing is needed but held back; the condition HealingHeld has the reason.',
          width: 12,
        },
        condition('HealingHeld', 'true'),
        NAMED,
        { link: LINK },
      ),
    )
    .withRow(new RowBuilder('Releases'))
    .withPanel(
      table(
        { title: 'In progress', description: 'Releases in progress, with their phases.', width: 8 },
        each('restapi_release_phase', 'phase'),
        { ...NAMED, phase: 'Phase' },
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        {
          title: 'Aborted',
          description: 'The requested version was rejected, and no user has let it go since.',
          width: 8,
        },
        condition('Aborted', 'true'),
        NAMED,
        { link: LINK },
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Ended in the last hour',
          description: 'Releases by result, and rollbacks.',
          width: 8,
        },
        [
          [
            `sum by (result) (max by (namespace, name, result) (increase(restapi_releases_total{${OURS}}[1h])))`,
            '{{result}}',
          ],
          [`sum(max by (namespace, name) (increase(restapi_rollbacks_total{${OURS}}[1h])))`, 'rollbacks'],
        ],
      ),
    )
    .withRow(new RowBuilder('Scaling'))
    .withPanel(
      table(
        { title: 'At maxReplicas', description: 'A component needs more pods than its maxReplicas.', width: 8 },
        condition('ScalingLimited', 'true'),
        NAMED,
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        { title: 'Metrics missing', description: 'Replicas stay unchanged until the metrics return.', width: 8 },
        condition('ScalingActive', 'false'),
        NAMED,
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        {
          title: 'Forecasts not used',
          description: 'Their recent error is too large; scaling uses the current load only.',
          width: 8,
          unit: 'percentunit',
        },
        `${each('restapi_forecast_error_ratio', 'component')} and ${each('restapi_forecast_reliable', 'component')} == 0`,
        { ...NAMED, component: 'Component' },
        { value: 'Error', link: LINK },
      ),
    );
}
