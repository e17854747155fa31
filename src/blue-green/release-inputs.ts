import type { StoredObject } from '../../operator/index.ts';
import {
  ENVIRONMENTS,
  type Environment,
  type EnvironmentName,
  type Front,
  type RestAPI,
  type Revision,
  scalingOf,
  type TrialStatus,
  versionOf,
  withCurrentConfig,
} from '../../resources/index.ts';
import { effectiveReplicas } from '../workload/effective-replicas.ts';
import { PROXY_DELAY_MS } from './checks.ts';
import { completedFront } from './completed-front.ts';
import { environmentOf, isInPlace, mapReplicas, missing, type Replicas } from './environments.ts';
import { frozenFront } from './frozen-main.ts';
import { type Goal, goalOf } from './goal.ts';
import { lostConfiguration } from './lost-configuration.ts';
import type { Observed, ObservedEnvironment } from './observed.ts';
import { isStopped } from './stopped.ts';
import { nextTarget, type Target } from './target.ts';
import { endedTrial, trialOf } from './trial.ts';
import type { TurnWait } from './turn-wait.ts';

/** Everything the steps of planRelease share; derived once from the observations. */
export interface ReleaseInputs {
  api: StoredObject<RestAPI>;
  /** Whether blue-green releases are on. */
  enabled: boolean;
  /** Whether the spec requests 0 pods of every component. */
  stopped: boolean;
  /** The revision of the current spec. */
  requested: Revision;
  /** The revision that should be active: that of the spec, or the one a user rolled back to. */
  wanted: Revision;
  goal: Goal;
  observed: Observed;
  front: Front;
  /** The environment that receives the traffic, with the replicas it needs now. */
  active: Environment;
  /** Its components as observed. */
  activeObserved: ObservedEnvironment | undefined;
  /** Replicas without which the active environment cannot serve: those an autoscaler added are not included. */
  required: Replicas;
  /** Components of the active environment that do not serve, each with the cause. */
  unavailable: string[];
  /** The trial of the active revision; undefined: it is proven, or there is no way back, as a person gave it up. */
  trial: TrialStatus | undefined;
  /** The same, or one that is over but still in the status: it holds until the status says that it is over. */
  holding: TrialStatus | undefined;
  /** Where the wanted revision is released; undefined: it is active already, must not be, or waits. */
  target: Target | undefined;
  /** Where it is released when the trial is over, or when it is its turn. */
  queued: Target | undefined;
  /** Set while the release waits for its turn. */
  wait: TurnWait | undefined;
  now: Date;
  /** How long the nodes may take to follow a change of endpoints, before checks start, in milliseconds. */
  checkDelayMs: number;
}

/** What is known before the active environment is: enough to find and describe revisions. */
type Revisions = Pick<ReleaseInputs, 'api' | 'requested' | 'wanted' | 'observed'>;

/** What a plan depends on besides the cluster's view of the RestAPI. */
export interface PlanOptions {
  /** How long checks wait for the nodes to follow a change of endpoints, in milliseconds. Default: 3000. */
  checkDelayMs?: number | undefined;
  /** Set if a release that begins with this run has to wait for those of other RestAPIs. */
  wait?: TurnWait | undefined;
}

/** Derives the inputs of a release from the observations. @param requested the revision of the current spec */
export function releaseInputs(
  api: StoredObject<RestAPI>,
  requested: Revision,
  observed: Observed,
  now: Date,
  { checkDelayMs = PROXY_DELAY_MS, wait }: PlanOptions = {},
): ReleaseInputs {
  const enabled = api.spec.blueGreen?.enabled ?? false;
  const stopped = isStopped(api);
  const find = (name: string | undefined) => findRevision({ requested, observed }, name);
  const goal: Goal = enabled
    ? goalOf(api, requested, {
        active: observed.front?.revision,
        find,
        lost: (revision) => lostConfiguration(api, revision, observed),
        current: (revision) => withCurrentConfig(api, revision, observed.contents),
      })
    : { revision: requested, immediate: false, conditions: [] };
  const revisions = { api, requested, wanted: goal.revision, observed };
  // First deployment: no traffic to protect yet.
  const stored = frozenFront(observed.front ?? { environment: enabled ? 'blue' : 'main' }, enabled, requested);
  const front = completedFront(api, stored, find(stored.revision), goal.revision);
  // If it is known no longer, the plan is not executed, see lostRevision().
  const described = describeEnvironment(revisions, front.environment, find(front.revision) ?? goal.revision);
  const activeObserved = observed.environments[front.environment];
  const active = { ...described, ...effectiveReplicas(described.api, activeObserved) };
  const required = requiredReplicas(active, front, observed);
  // What a user rolled back to is the user's choice.
  const trial = goal.immediate
    ? undefined
    : trialOf({ api, enabled, stopped, front, active, activeObserved, required, now });
  const previous = find(front.previousRevision);
  const holding = trial ?? (goal.immediate ? undefined : endedTrial(api, front));
  const next = nextTarget({
    ...revisions,
    enabled,
    stopped,
    goal,
    previous,
    active,
    front,
    trial: holding,
  });
  const { target, queued } = wait && next.target ? { target: undefined, queued: next.target } : next;
  return {
    ...revisions,
    enabled,
    stopped,
    goal,
    front,
    active,
    activeObserved,
    required,
    holding,
    trial: target && target.revision.name !== trial?.proven ? undefined : trial,
    unavailable: missing(active, required, activeObserved, observed.endpoints.active[active.name]),
    target,
    queued,
    wait,
    now,
    checkDelayMs,
  };
}

/** Name of the revision that the spec or a user asks for, also while it is rejected. */
export function askedOf({ goal, requested }: Pick<ReleaseInputs, 'goal' | 'requested'>): string {
  return goal.rollback ? goal.revision.name : requested.name;
}

/** The revision of this name, or the newest of this version, if it is the requested one or is kept. */
export function findRevision(
  { requested, observed }: Pick<ReleaseInputs, 'requested' | 'observed'>,
  name: string | undefined,
): Revision | undefined {
  if (name === undefined) return undefined;
  const known = [requested, ...[...observed.revisions].sort((a, b) => b.number - a.number)];
  return (
    known.find((revision) => revision.name === name) ?? known.find((revision) => versionOf(revision.name) === name)
  );
}

/** An environment with a revision, as the target of a release: with the replicas the active one needs now. */
export function buildEnvironment(inputs: ReleaseInputs, name: EnvironmentName, revision: Revision): Environment {
  const { active } = inputs;
  const environment = describeEnvironment(inputs, name, revision);
  const replicas = mapReplicas(environment.replicas, (component, count) =>
    // At least one pod, or there is no evidence that this revision works.
    active.asked?.[component] === undefined ? count : Math.max(1, active.replicas[component] ?? count),
  );
  return { ...environment, asked: active.asked, replicas };
}

/** An environment with a revision and the replicas of the spec. */
function describeEnvironment(
  { api, wanted, observed }: Pick<Revisions, 'api' | 'wanted' | 'observed'>,
  name: EnvironmentName,
  revision: Revision,
): Environment {
  return environmentOf(api, name, isInPlace(api, name) ? wanted : revision, observed);
}

/** Pods of each component without which the active environment cannot serve. */
function requiredReplicas(active: Environment, front: Front, observed: Observed): Replicas {
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
