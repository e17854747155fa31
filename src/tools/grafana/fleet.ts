import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { chart, figure, table } from './panels.ts';
import { labelVariable } from './variables.ts';

const OURS = 'namespace=~"$namespace"';

/** The value that a row of a table has in a column. */
const field = (title: string) => `\${__data.fields.${title}}`;

/** Where a row of a table leads: to the dashboard of that RestAPI. */
const LINK = {
  title: 'Show this RestAPI',
  url: `/d/restapi?var-datasource=$datasource&var-namespace=${field('Namespace')}&var-name=${field('Name')}`,
  on: 'name',
};

const NAMED = { namespace: 'Namespace', name: 'Name' };

/** A metric of RestAPIs; each operator shows the same, so it is not added up over them. */
function each(metric: string, by: string, matchers = OURS): string {
  return `max by (namespace, name${by ? `, ${by}` : ''}) (${metric}{${matchers}})`;
}

/** All RestAPIs: which of them need somebody. */
export function fleetDashboard(): DashboardBuilder {
  const inPhase = (phase: string) => each('restapi_info', '', `${OURS}, phase="${phase}"`);
  const condition = (type: string, status: string) =>
    `${each('restapi_condition', '', `${OURS}, type="${type}", status="${status}"`)} == 1`;
  return dashboard('restapi-fleet', 'RestAPI fleet', 'Which RestAPIs need somebody?')
    .withVariable(labelVariable('namespace', 'Namespace', 'restapi_info', { many: true }))
    .withPanel(
      figure({ title: 'RestAPIs', description: 'All there are.' }, [`count(${each('restapi_info', '')})`, ''], {
        none: '0',
      }),
    )
    .withPanel(
      figure(
        { title: 'Ready', description: 'Ready as they are asked for now.' },
        [`sum(${each('restapi_ready', '')})`, ''],
        { none: '0' },
      ),
    )
    .withPanel(
      figure(
        { title: 'Degraded', description: 'Were ready with this very spec, and no longer are.' },
        [`count(${inPhase('Degraded')}) or vector(0)`, ''],
        { bad: 1 },
      ),
    )
    .withPanel(
      figure(
        { title: 'Failed', description: 'What they ask for cannot be made.' },
        [`count(${inPhase('Failed')}) or vector(0)`, ''],
        { bad: 1 },
      ),
    )
    .withPanel(
      figure(
        { title: 'Pods that are ready', description: 'Of those that there should be.', unit: 'percentunit' },
        [`sum(${each('restapi_ready_replicas', 'component')}) / sum(${each('restapi_replicas', 'component')})`, ''],
        { good: 0.9, none: 'no pods' },
      ),
    )
    .withPanel(
      figure({ title: 'Releases under way', description: 'Blue-green releases that have begun and not ended.' }, [
        `count(${each('restapi_release_phase', '')}) or vector(0)`,
        '',
      ]),
    )
    .withPanel(
      chart(
        { title: 'Phases', description: 'How many RestAPIs are in which phase.', width: 12 },
        [[`count by (phase) (${each('restapi_info', 'phase')})`, '{{phase}}']],
        { stacked: true },
      ),
    )
    .withPanel(
      chart({ title: 'Pods', description: 'Of all components together.', width: 12 }, [
        [`sum(${each('restapi_replicas', 'component')})`, 'should be'],
        [`sum(${each('restapi_ready_replicas', 'component')})`, 'ready'],
      ]),
    )
    .withRow(new RowBuilder('Who needs somebody'))
    .withPanel(
      table(
        { title: 'Not ready', description: 'With the phase each is in.', width: 8 },
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
        { title: 'Alerts', description: 'Those of docs/reference/alerts.md that fire now.', width: 8 },
        'max by (alertname, severity, namespace, name) (ALERTS{alertstate="firing", alertname=~"RestAPI.+"})',
        { alertname: 'Alert', severity: 'Severity', ...NAMED },
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        { title: 'Healed', description: 'How often since the operator that works started.', width: 12 },
        each('restapi_healing_actions_total', 'component, action'),
        { ...NAMED, component: 'Component', action: 'What was done' },
        { value: 'Times', link: LINK },
      ),
    )
    .withPanel(
      table(
        {
          title: 'Healing held',
          description: 'Something is to be healed and is not; the condition HealingHeld says why.',
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
        { title: 'Under way', description: 'With how far each has come.', width: 8 },
        each('restapi_release_phase', 'phase'),
        { ...NAMED, phase: 'Phase' },
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        {
          title: 'Given up',
          description: 'What is asked for was given up, and nothing else asked for since.',
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
          title: 'Ended in an hour',
          description: 'Releases by how they ended, and times that requests went back.',
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
        { title: 'At their maximum', description: 'A component needs more pods than it may have.', width: 8 },
        condition('ScalingLimited', 'true'),
        NAMED,
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        { title: 'Load not known', description: 'Numbers of pods stay as they are.', width: 8 },
        condition('ScalingActive', 'false'),
        NAMED,
        { link: LINK },
      ),
    )
    .withPanel(
      table(
        {
          title: 'Forecasts that are not followed',
          description: 'They were wrong too often lately; numbers of pods follow the load alone.',
          width: 8,
          unit: 'percentunit',
        },
        `${each('restapi_forecast_error_ratio', 'component')} and ${each('restapi_forecast_reliable', 'component')} == 0`,
        { ...NAMED, component: 'Component' },
        { value: 'Error', link: LINK },
      ),
    );
}
