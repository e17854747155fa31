import type { ScalingStatus } from '../../resources/index.ts';
import { releaseAuthors } from '../blue-green/author.ts';
import { actionWords } from '../healing/healing-events.ts';
import { columns } from '../terminal/columns.ts';
import { PHASE_COLOURS } from '../terminal/phase-colours.ts';
import { type Piece, styledLine } from '../terminal/styled-line.ts';
import { GREY, oneLine, YELLOW } from '../terminal/text.ts';
import type { Viewport } from '../terminal/viewport.ts';
import { age } from './age.ts';
import { describeCondition } from './describe-condition.ts';
import type { ComponentReport, PodReport, Report } from './report.ts';

/** The lines of a tree of a RestAPI, its components and their pods. Pure: ages count from `now`. */
export function treeOf(report: Report, now: Date, viewport: Pick<Viewport, 'width' | 'colour'>): string[] {
  const { namespace, name, phase, readyReplicas, replicas, upToDate, conditions, components, createdAt } = report;
  const lines: Piece[][] = [
    [
      `RestAPI ${namespace}/${name}  `,
      [oneLine(phase), PHASE_COLOURS[phase]],
      `  ${readyReplicas}/${replicas} pods ready  ${age(createdAt, now)} old`,
    ],
  ];
  if (conditions.length === 0) lines.push(['  The operator has not reconciled it yet']);
  else if (!upToDate)
    lines.push(['  The operator has not reconciled the latest change yet; this is the state before it:']);
  for (const condition of conditions.filter(isNews)) lines.push([`  ${describeCondition(condition, now)}`]);
  lines.push(...(report.holds ?? []).map((hold) => [`  ${describeHold(hold, now)}`]));
  if (report.healing) lines.push([`  ${describeHealing(report.healing, now)}`]);
  lines.push(...environmentLines(report, now));
  const cells = columns(components.map(componentCells));
  components.forEach((component, at) => {
    const last = at === components.length - 1;
    const text = (cells[at] ?? []).join('');
    lines.push([[last ? '└─ ' : '├─ ', GREY], isComplete(component) ? text : [text, YELLOW]]);
    lines.push(...podLines(component.pods, last ? '   ' : '│  ', now));
  });
  return lines.map((pieces) => styledLine(pieces, viewport));
}

/** The environments; one in release also shows the phase and message of the release, one that is stopped what it waits for. */
function environmentLines({ environments = [], release }: Report, now: Date): Piece[][] {
  const cells = columns(
    environments.map(({ name, role, revision, image, replicas, readyReplicas }) => [
      name,
      role,
      revision ?? '-',
      `${readyReplicas}/${replicas} ready`,
      oneLine(image),
    ]),
  );
  return environments.flatMap(({ name, role, stopping }, at): Piece[][] => {
    const line = `  ${role === 'active' ? '▶' : ' '} ${(cells[at] ?? []).join('')}`;
    const own: Piece[] = role === 'idle' ? [[line, GREY]] : [line];
    if (release?.environment === name) {
      const authors = releaseAuthors(release).map((text) => `, ${oneLine(text)}`);
      const what = `${release.phase} for ${age(release.startedAt, now)}${authors.join('')}`;
      return [own, [`      ${what}: ${oneLine(release.message)}`]];
    }
    if (!stopping) return [own];
    return [own, [[`      Stopping for ${age(stopping.since, now)}: ${oneLine(stopping.message)}`, GREY]]];
  });
}

/** Describes what holds the requested version back, and how to let it go. */
function describeHold({ revision, by, since, command }: NonNullable<Report['holds']>[number], now: Date): string {
  const time = since === undefined ? '' : ` for ${age(since, now)}`;
  return `Revision ${revision} is held by ${oneLine(by)}${time}; let it go with ${command}`;
}

/** Describes the last healing action and its result. */
function describeHealing(record: NonNullable<Report['healing']>, now: Date): string {
  const { at, action, target, reason, result } = record;
  const undone = { Refused: ' was refused', NotNeeded: ' was no longer needed' };
  const words =
    result === 'Refused' || result === 'NotNeeded' ? `${action} of ${target}${undone[result]}` : actionWords(record);
  return `Healing ${age(at, now)} ago: ${oneLine(words)} (${reason})`;
}

/** Whether a condition is worth a line. Scaling that works shows at the components. */
function isNews({ type, status, reason }: Report['conditions'][number]): boolean {
  const quiet = { ScalingActive: 'True', ScalingLimited: 'False', VerticalScaling: 'True', PredictiveScaling: 'True' };
  return quiet[type as keyof typeof quiet] !== status && reason !== 'Learning';
}

function describeScaling({ minReplicas, maxReplicas, metrics, forecast }: ScalingStatus): string {
  const loads = metrics.map(({ name, current = '?', target }) => `${oneLine(name)} ${current} of ${target}`);
  const ahead = forecast?.reliable ? `, at least ${forecast.minReplicas} by forecast` : '';
  return `${minReplicas}-${maxReplicas} pods by ${loads.join(', ')}${ahead}`;
}

function componentCells({ name, ready, service, image, scaling }: ComponentReport): string[] {
  const known = (text: string) => (text === 'unknown' ? '?' : text);
  return [
    name,
    typeof ready === 'string'
      ? { missing: 'no Deployment', unknown: 'pods: ?' }[ready]
      : `${ready.is}/${ready.desired} ready`,
    service === 'missing' ? 'no Service' : known(service),
    image,
    ...(scaling ? [describeScaling(scaling)] : []),
  ];
}

function podLines(pods: ComponentReport['pods'], indent: string, now: Date): Piece[][] {
  if (pods === 'unknown') return [[[`${indent}└─ `, GREY], 'pods could not be read']];
  const cells = columns(pods.map((pod) => podCells(pod, now)));
  return pods.map(({ state }, at): Piece[] => {
    const text = (cells[at] ?? []).join('');
    const branch = at === pods.length - 1 ? '└─ ' : '├─ ';
    return [[indent + branch, GREY], state === 'Running' ? text : [text, YELLOW]];
  });
}

function podCells({ name, state, trouble, restarts, createdAt }: PodReport, now: Date): string[] {
  const words = trouble ? `${oneLine(state)}: ${oneLine(trouble)}` : oneLine(state);
  const times = restarts === 1 ? ', restarted once' : `, restarted ${restarts} times`;
  return [name, `${age(createdAt, now)} old`, restarts > 0 ? `${words}${times}` : words];
}

function isComplete({ ready, service }: ComponentReport): boolean {
  return typeof ready !== 'string' && ready.is === ready.desired && service !== 'missing';
}
