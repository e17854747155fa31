import type { ConditionInput, EventInput, StoredObject } from '../../operator/index.ts';
import {
  type CheckAttempt,
  type ComponentName,
  type Decision,
  ENVIRONMENTS,
  type Environment,
  type EnvironmentName,
  type Front,
  fullReplicas,
  type RestAPI,
  type RestAPIStatus,
  type Revision,
  scalingOf,
} from '../../resources/index.ts';
import { effectiveReplicas } from '../workload/effective-replicas.ts';
import { releaseConditions } from './conditions.ts';
import { environmentOf, keptReplicas, mapReplicas, missing, shortOf } from './environments.ts';
import { goalOf } from './goal.ts';
import { historyOf } from './history.ts';
import type { Observed } from './observed.ts';
import { postChecksOf } from './post-checks.ts';
import { keptRejection, newRejection, PROMOTE, rejectionOf } from './rejection.ts';
import { progressOf, type Target } from './release.ts';
import { environmentStatus } from './release-status.ts';

/** The fields of the status by which releases are carried on. */
export const RELEASE_FIELDS = [
  'activeEnvironment',
  'environments',
  'release',
  'checks',
  'rejected',
  'rollback',
  'history',
] as const;
type ReleaseField = (typeof RELEASE_FIELDS)[number];

/** What to do next, and what to tell of it. */
export interface Verdict {
  decision: Decision;
  /** Whether requests go elsewhere from now on: to be decided only from what is so beyond doubt. */
  switches: boolean;
  /** Whether what is active is what the spec asks for. */
  upToDate: boolean;
  /** The parts of the status that are about releases. */
  status: Pick<RestAPIStatus, ReleaseField | 'lastDeploymentTime'>;
  conditions: ConditionInput[];
  events: EventInput[];
  /** Annotations of the RestAPI that asked for what is done now. */
  removeAnnotations: string[];
  /** Attempts of checks that the operator makes itself and whose end is waited for. */
  attempts: CheckAttempt[];
  /** When time alone changes what is to be done, milliseconds from now. */
  requeueAfterMs?: number;
}

/**
 * The next step of a RestAPI's release, or none. Pure: the same observations give the same verdict.
 *
 * At most one environment is prepared at a time, and requests go from one to the other by one write to the front
 * Service. What was written down before (in the front Service, the status and the annotations of the RestAPI) is all it
 * goes by, so it may be interrupted anywhere.
 *
 * @param asked the revision that the spec asks for
 */
export function decide(api: StoredObject<RestAPI>, asked: Revision, observed: Observed, now: Date): Verdict {
  const { blueGreen } = api.spec;
  const enabled = blueGreen?.enabled ?? false;
  const known = (revision: string | undefined) =>
    revision === undefined || revision !== asked.name
      ? observed.revisions.find(({ name }) => name === revision)
      : asked;
  const goal = enabled ? goalOf(api, asked, known) : { revision: asked, conditions: [] };
  const wanted = goal.revision;
  const describe = (name: EnvironmentName, revision: Revision): Environment =>
    name === 'main'
      ? { name, api, replicas: fullReplicas(api), referenceHashes: wanted.data.referenceHashes }
      : environmentOf(api, name, revision.name, revision.data);

  // Nothing serves yet: there is nobody to be careful of.
  const front = observed.front ?? { environment: enabled ? 'blue' : 'main' };
  // A revision that somebody deleted cannot be had back; then its environment is brought to the spec in place.
  const described = describe(front.environment, known(front.revision) ?? wanted);
  const before = observed.environments[front.environment];
  const active = { ...described, ...effectiveReplicas(described.api, before) };
  const build = (name: EnvironmentName, revision: Revision): Environment => {
    const environment = describe(name, revision);
    // As many as are needed now; and one at least, or nobody could tell whether this version is any good.
    const held = (component: ComponentName, count: number) =>
      active.asked?.[component] === undefined ? count : Math.max(1, active.replicas[component] ?? count);
    return { ...environment, asked: active.asked, replicas: mapReplicas(environment.replicas, held) };
  };
  const target = targetOf(api, wanted, active, front, known, enabled);
  const rejected = keptRejection(api);
  const enough = enoughReplicas();
  const waitsFor = missing(active, enough, before, observed.endpoints.active[active.name]);

  const progress = target && progressOf(api, target, build(target.environment, target.revision), before, observed, now);
  const serves = waitsFor.length === 0;
  const post = postChecksOf(api, { active, front, wanted: wanted.name, serves }, observed.answers, now);
  const checks = progress?.checks ?? post;
  const newlyRejected = progress?.failed ?? failedAfterSwitch() ?? brokeAfterSwitch();
  const others = ENVIRONMENTS.filter((name) => name !== active.name && name !== target?.environment).flatMap(
    (name) => idle(name) ?? [],
  );
  const switched = progress?.switch ?? false;
  const next: Front = switched
    ? {
        environment: progress?.environment.name ?? active.name,
        revision: progress?.environment.name === 'main' ? undefined : progress?.environment.revision,
        previousRevision: active.revision,
        switchedAt: now.toISOString(),
      }
    : { ...front, revision: active.revision };

  const environments: Environment[] = [
    switched ? { ...active, replicas: keptReplicas(active, before) } : active,
    ...(progress ? [progress.environment] : []),
    ...others.filter(({ gone }) => !gone).map(({ environment }) => environment),
  ];
  const history = historyOf(api, { active, target, front }, now);
  const inPlace = !enabled && environments.every(({ name }) => name === 'main');
  return {
    decision: {
      environments,
      front: next,
      preview: previewOf(),
      revisions: inPlace ? [] : revisionsToKeep(),
      ...(checks && checks.jobs.length > 0 && { jobs: checks.jobs }),
    },
    switches: switched,
    attempts: checks?.attempts ?? [],
    upToDate: active.name === 'main' || active.revision === wanted.name,
    status: inPlace
      ? {}
      : {
          ...(front.environment !== 'main' && {
            activeEnvironment: front.environment,
            ...(front.switchedAt && { lastDeploymentTime: front.switchedAt }),
          }),
          environments: environments.map((environment) =>
            environmentStatus(environment, roleOf(environment.name), observed.environments[environment.name]),
          ),
          ...(progress && { release: progress.release }),
          ...checksStatus(),
          ...(goal.rollback && { rollback: goal.rollback }),
          ...((newlyRejected ?? rejected) && { rejected: newlyRejected ?? rejected }),
          ...(history.all.length > 0 && { history: history.all }),
        },
    conditions: inPlace ? [] : [...releaseConditions(api, wanted.name, active, progress?.release), ...goal.conditions],
    events: [...(checks?.events ?? []), ...history.events, ...startedEvent(), ...scaledDownEvents()],
    // It was about this release: when the same revision is released again some day, it waits to be asked for again.
    removeAnnotations:
      front.revision !== undefined && api.metadata.annotations?.[PROMOTE] === front.revision ? [PROMOTE] : [],
    requeueAfterMs: switched
      ? 1
      : soonest([progress?.checkAt, post?.checkAt, ...others.map(({ until }) => until)], now),
  };

  /** What becomes of an environment that is neither active nor to be; undefined: nothing is there. */
  function idle(name: EnvironmentName): { environment: Environment; gone: boolean; until?: number } | undefined {
    const found = observed.environments[name];
    if (!found) return undefined;
    const revisions = new Set(Object.values(found).map(({ revision }) => revision));
    const revision = name === 'main' ? wanted : known([...revisions][0]);
    if (!revision) return undefined;
    const environment = build(name, revision);
    const wasActive = name === 'main' || (revisions.size === 1 && revisions.has(front.previousRevision));
    const until = Date.parse(front.switchedAt ?? '') + (blueGreen?.scaleDownDelaySeconds ?? 30) * 1_000;
    if (wasActive && front.switchedAt !== undefined) {
      const kept = { ...environment, replicas: keptReplicas(environment, found) };
      if (now.getTime() < until) return { environment: kept, gone: false, until };
      // It may be needed sooner than anybody would like.
      if (waitsFor.length > 0 || post?.status.result === 'Running' || newlyRejected)
        return { environment: kept, gone: false };
    }
    const stopped = { ...environment, replicas: mapReplicas(environment.replicas, () => 0) };
    return { environment: stopped, gone: !enabled || name === 'main' };
  }

  /** Pods of each component without which what is active does not do its job: those an autoscaler adds are not. */
  function enoughReplicas() {
    return mapReplicas(active.replicas, (component, count) => {
      const scaling = scalingOf(active.api, component);
      if (!scaling) return count;
      const previous = ENVIRONMENTS.flatMap((name) => {
        const found = name === active.name ? undefined : observed.environments[name]?.[component];
        return found && found.revision === front.previousRevision ? [found.replicas] : [];
      });
      return Math.min(count, Math.max(1, scaling.minReplicas, ...previous));
    });
  }

  function failedAfterSwitch() {
    // Without a version to go back to it is told, and that is all.
    if (!post?.failed || front.previousRevision === undefined) return undefined;
    return newRejection(api, wanted.name, 'CheckFailed', post.failed, now);
  }

  /** What is known of checks, also of those that are over. */
  function checksStatus(): Pick<RestAPIStatus, 'checks'> {
    const last = api.status?.checks;
    const over = last && (last.result !== 'Running' || last.since === front.switchedAt);
    const told = checks?.status ?? (over ? last : undefined);
    return told ? { checks: told } : {};
  }

  function brokeAfterSwitch() {
    const window = (blueGreen?.autoRollbackSeconds ?? 0) * 1_000;
    if (!enabled || front.previousRevision === undefined || active.revision !== wanted.name) return undefined;
    if (!(now.getTime() < Date.parse(front.switchedAt ?? '') + window) || rejectionOf(api, wanted.name))
      return undefined;
    const broken = Object.entries(enough).flatMap(([name, count]) => {
      const { available = 0, trouble } = before?.[name as keyof typeof before] ?? {};
      return available * 2 < count ? [`${name} (${shortOf(available, count, trouble)})`] : [];
    });
    if (broken.length === 0) return undefined;
    const message = `fewer than half of the pods were available after promotion: ${broken.join(', ')}`;
    return newRejection(api, wanted.name, 'AutoRollback', message, now);
  }

  function previewOf(): EnvironmentName | undefined {
    if (switched) return active.name;
    if (target) return target.environment;
    if (!enabled) return undefined;
    return active.name === 'blue' ? 'green' : 'blue';
  }

  function roleOf(name: EnvironmentName) {
    if (name === active.name) return 'active' as const;
    return name === target?.environment ? ('preview' as const) : ('idle' as const);
  }

  function revisionsToKeep(): Decision['revisions'] {
    const used = new Set([
      ...environments.map(({ revision }) => revision),
      front.previousRevision,
      wanted.name,
      asked.name,
    ]);
    const stored = [...observed.revisions].sort((a, b) => b.number - a.number);
    const limit = blueGreen?.revisionHistoryLimit ?? 10;
    const kept = stored.filter(({ name }, index) => used.has(name) || index < limit);
    const newest = stored[0]?.number ?? 0;
    return kept.some(({ name }) => name === asked.name) ? kept : [{ ...asked, number: newest + 1 }, ...kept];
  }

  function startedEvent(): EventInput[] {
    if (!progress?.started) return [];
    const { name, revision } = progress.environment;
    return [
      {
        type: 'Normal',
        reason: 'ReleaseStarted',
        action: 'Release',
        note: `Preparing revision ${revision} in environment ${name}`,
      },
    ];
  }

  function scaledDownEvents(): EventInput[] {
    return others.flatMap(({ environment: { name, replicas } }) => {
      const had = Object.values(observed.environments[name] ?? {}).some(({ replicas: count }) => count > 0);
      if (!had || Object.values(replicas).some((count) => count > 0)) return [];
      return [
        { type: 'Normal', reason: 'ScaledDown', action: 'Release', note: `Scaled environment ${name} to 0 replicas` },
      ];
    });
  }
}

/** Where what the spec asks for is to be, if it is not active there already. */
function targetOf(
  api: StoredObject<RestAPI>,
  wanted: Revision,
  active: Environment,
  front: Front,
  known: (revision: string | undefined) => Revision | undefined,
  enabled: boolean,
): Target | undefined {
  if (!enabled) return active.name === 'main' ? undefined : { environment: 'main', revision: wanted, rollback: false };
  const other = active.name === 'blue' ? 'green' : 'blue';
  if (!rejectionOf(api, wanted.name)) {
    return active.revision === wanted.name ? undefined : { environment: other, revision: wanted, rollback: false };
  }
  if (active.revision !== wanted.name) return undefined;
  const previous = known(front.previousRevision);
  if (!previous || rejectionOf(api, previous.name)) return undefined;
  return { environment: other, revision: previous, rollback: true };
}

function soonest(times: readonly (number | undefined)[], now: Date): number | undefined {
  const waits = times.flatMap((time) => (time === undefined ? [] : [Math.max(1, time - now.getTime())]));
  return waits.length > 0 ? Math.min(...waits) : undefined;
}
