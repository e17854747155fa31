import type { EventTable } from '../../../operator/events/event-table.ts';
import type { ConditionTable } from '../../../operator/reconcile/condition-table.ts';
import { FRAMEWORK_EVENTS } from '../../../operator/runtime/framework-events.ts';
import { RELEASE_CONDITIONS } from '../../blue-green/release-conditions.ts';
import { RELEASE_EVENTS } from '../../blue-green/release-events.ts';
import { PHASES } from '../../controller/phases.ts';
import { STATUS_CONDITIONS } from '../../controller/status-conditions.ts';
import { HEALING_CONDITIONS } from '../../healing/healing-conditions.ts';
import { HEALING_EVENTS } from '../../healing/healing-events.ts';
import { SCALING_CONDITIONS, SCALING_EVENTS } from '../../scaling/scaling-conditions.ts';
import { TROUBLES } from '../../workload/trouble-reasons.ts';
import { code, generatedNote, page, table } from './markdown.ts';

/** The page docs/reference/conditions-and-events.md. */
export function conditionsAndEvents(): string {
  return page(
    `${generatedNote('the tables of conditions and Events in src/ and operator/')}# Conditions and events`,
    'Types, reasons and phases are stable interface: scripts and alerts may compare them. Messages may change in any version.',
    '## Phases',
    '`status.phase` sums up a RestAPI. It is that of the active environment; a release in progress does not change it.',
    meanings('Phase', PHASES),
    '## Components',
    '`status.components[].reason` is the worst problem of a component. From the worst to the least:',
    meanings('Reason', TROUBLES),
    '## Conditions',
    'All are in `status.conditions` of a RestAPI. A condition whose meaning starts with "Present" is removed when it no longer applies.',
    '### Readiness and drift',
    conditionTable(STATUS_CONDITIONS),
    '### Releases',
    'Only with `spec.blueGreen`. `Progressing` and `Promoted` have the phase of the release as their reason while it is in progress.',
    conditionTable(RELEASE_CONDITIONS),
    '### Scaling',
    'Only with `spec.autoScaling`.',
    conditionTable(SCALING_CONDITIONS),
    '### Healing',
    conditionTable(HEALING_CONDITIONS),
    '## Events',
    'Events are in the group `events.k8s.io/v1`; `kubectl restapi events` and `kubectl events --for restapi/NAME` list them. All are about the primary resource, also those whose note names a generated object. The same Event is written at most once in ten minutes.',
    '### Of any operator built with the framework',
    'On the primary resource.',
    eventTable(FRAMEWORK_EVENTS),
    '### Of the RestAPI operator',
    'On the RestAPI. When its readiness changes, an Event has the reason and message of the condition `Ready`: `Normal` if it became ready or was stopped, `Warning` if it is not ready, except in phase `Progressing`. The others are:',
    eventTable({ ...RELEASE_EVENTS, ...SCALING_EVENTS, ...HEALING_EVENTS }),
  );
}

function meanings(title: string, rows: Readonly<Record<string, string>>): string {
  return table(
    [title, 'Meaning'],
    Object.entries(rows).map(([name, meaning]) => [code(name), meaning]),
  );
}

/** One row for each reason; the type and its meaning are in a row of their own. */
function conditionTable(conditions: ConditionTable): string {
  return table(
    ['Type', 'Reason', 'Meaning'],
    Object.entries(conditions).flatMap(([type, { meaning, reasons }]) => [
      [code(type), '', meaning],
      ...Object.entries(reasons).map(([reason, why]) => ['', code(reason), why]),
    ]),
  );
}

function eventTable(events: EventTable): string {
  return table(
    ['Reason', 'Type', 'When'],
    Object.entries(events).map(([reason, { type, when }]) => [code(reason), type, when]),
  );
}
