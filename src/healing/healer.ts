import { Counter, type Registry } from 'prom-client';
import type { ReconcileContext, StoredObject } from '../../operator/index.ts';
import {
  activeEnvironment,
  COMPONENTS,
  DEFAULT_HEALING,
  type Deployment,
  HEALING_ACTIONS,
  type HealingRecord,
  type HealingSpec,
  REMEMBERED_ACTIONS,
  type RestAPI,
  type RestAPIStatus,
} from '../../resources/index.ts';
import { newRejection, rejectionOf, withRejection } from '../blue-green/rejection.ts';
import type { ReleasePlan } from '../blue-green/release-plan.ts';
import type { Pod } from '../workload/pod.ts';
import { type Begun, type ClusterHealth, clusterHealthOf, MINUTE_MS } from './cluster-health.ts';
import { type ComponentHealth, componentHealthOf } from './component-health.ts';
import { execute } from './execute.ts';
import { type Circumstances, heal } from './heal.ts';
import { HEALING_HELD, type HealingCondition } from './healing-conditions.ts';
import { doneEvent, heldEvent, refusedEvent } from './healing-events.ts';

/** How long a summary of all RestAPIs and pods is reused, milliseconds. In an outage each of them needs it. */
const CLUSTER_HEALTH_MS = 1_000;
/** Delay until a RestAPI is checked whose last change was not observed yet, milliseconds. */
const SOON_MS = 1_000;

/** The objects of a RestAPI that healing considers, of all environments. */
export interface HealedObjects {
  pods: readonly StoredObject<Pod>[];
  deployments: readonly StoredObject<Deployment>[];
}

/** What healing adds to the status of a RestAPI. */
export interface Healed {
  status: Pick<RestAPIStatus, 'healing' | 'rejections'>;
  conditions: HealingCondition[];
  requeueAfterMs?: number;
}

/**
 * Executes what heal() decides. An action is first recorded in the status; only a run that finds it there executes it. So
 * an operator that is killed in between may leave an action out, but never executes one that is not counted.
 */
export class Healer {
  #begun: Begun[] = [];
  #clusterHealth: { seen: ClusterHealth; until: number } | undefined;
  readonly #done = new Counter({
    name: 'restapi_healing_actions_total',
    help: "Healing actions (RestartPod, RestartComponent, Rollback) by this operator; a component's count starts at 0 when one of its pods becomes unhealthy.",
    labelNames: ['namespace', 'name', 'component', 'action'],
    // The registry is only known once the operator is created.
    registers: [],
  });

  /** Registers the metric. Call it once. */
  showIn(registry: Registry): void {
    registry.registerMetric(this.#done);
  }

  /** Forgets a RestAPI that was deleted. */
  forget({ metadata: { namespace = '', name } }: StoredObject<RestAPI>): void {
    for (const component of COMPONENTS) {
      for (const action of HEALING_ACTIONS) this.#done.remove({ namespace, name, component, action });
    }
  }

  /**
   * Heals a RestAPI: starts, finishes or holds one action.
   *
   * @param release the plan for its releases in this run
   * @throws ApiError, TransportError if an action failed and must be retried
   */
  async heal(
    context: ReconcileContext<RestAPI>,
    { pods, deployments }: HealedObjects,
    release: ReleasePlan,
  ): Promise<Healed> {
    const { primary } = context;
    const actions = primary.status?.healing?.actions ?? [];
    const same: Healed = { status: kept(actions), conditions: [] };
    // The active environment is about to change.
    if (release.switches) return same;
    const spec = primary.spec.healthCheck?.healing ?? DEFAULT_HEALING;
    const components = componentHealthOf(primary, activeEnvironment(release.decision), deployments, pods, actions);
    this.#showZero(primary, components, spec);
    const circumstances = this.#circumstances(context, release);
    const now = new Date();
    const [newest] = actions;
    if (newest && newest.result === undefined) {
      const late = now.getTime() - Date.parse(newest.at) > spec.stuckSeconds * 1_000;
      const overtaken = !spec.enabled || late || circumstances.release !== undefined;
      return this.#finish(context, newest, overtaken ? [] : components, overtaken ? [] : deployments);
    }
    const changed = primary.status?.observedGeneration !== primary.metadata.generation;
    // The caches may be from before the change.
    if (changed)
      return components.some(({ failing }) => failing.length > 0) ? { ...same, requeueAfterMs: SOON_MS } : same;
    const healing = heal(components, circumstances, spec, actions, now);
    if (healing.next === 'act') return this.#begin(context, release, healing.record, now);
    const wait = healing.checkAt !== undefined && { requeueAfterMs: Math.max(1, healing.checkAt - now.getTime()) };
    if (healing.next === 'nothing') return { ...same, ...wait };
    const { reason, message } = healing;
    const reported = primary.status?.conditions?.find(({ type }) => type === HEALING_HELD);
    // A missing setting is reported in the condition only.
    if (reported?.reason !== reason && reason !== 'NotAskedFor') context.event(heldEvent(reason, message));
    return { ...same, conditions: [{ type: HEALING_HELD, status: 'True', reason, message }], ...wait };
  }

  /** Records an action. Rejecting a revision needs no more than that. */
  #begin(context: ReconcileContext<RestAPI>, release: ReleasePlan, record: HealingRecord, now: Date): Healed {
    const { primary } = context;
    this.#begun.push({ uid: primary.metadata.uid, at: record.at });
    this.#clusterHealth = undefined;
    const actions = primary.status?.healing?.actions ?? [];
    if (record.action !== 'Rollback') {
      return { status: kept([record, ...actions]), conditions: [], requeueAfterMs: 1 };
    }
    const { target, message } = record;
    const done: HealingRecord = { ...record, result: 'Done' };
    this.#report(context, done);
    const rejection = newRejection(release.decision.front, target, 'HealingRollback', message, now);
    const rejections = [...withRejection(release.status.rejections ?? [], rejection)];
    return { status: { ...kept([done, ...actions]), rejections }, conditions: [], requeueAfterMs: 1 };
  }

  /** Executes the recorded action. */
  async #finish(
    context: ReconcileContext<RestAPI>,
    record: HealingRecord,
    components: readonly ComponentHealth[],
    deployments: readonly StoredObject<Deployment>[],
  ): Promise<Healed> {
    const { client, signal, primary } = context;
    const { result, did, why } = await execute(record, components, deployments, client, signal);
    if (did) this.#report(context, record);
    if (why !== undefined) context.event(refusedEvent(record, why));
    const [, ...earlier] = primary.status?.healing?.actions ?? [];
    return { status: kept([{ ...record, result }, ...earlier]), conditions: [], requeueAfterMs: 1 };
  }

  #report({ primary, event, logger }: ReconcileContext<RestAPI>, record: HealingRecord): void {
    const { namespace = '', name } = primary.metadata;
    const { component, action, target, reason } = record;
    this.#done.inc({ namespace, name, component, action });
    event(doneEvent(record));
    logger.info('Executed healing action', { component, action, target, reason });
  }

  /** Starts the series at 0 when a failure begins: Prometheus sees no increase in one that starts at 1. */
  #showZero(
    { metadata }: StoredObject<RestAPI>,
    components: readonly ComponentHealth[],
    { enabled }: HealingSpec,
  ): void {
    if (!enabled) return;
    const { namespace = '', name } = metadata;
    for (const { component, failing, rolledOutAt } of components) {
      // During the first rollout no pod is ready yet.
      if (failing.length === 0 || rolledOutAt === undefined) continue;
      for (const action of HEALING_ACTIONS) this.#done.inc({ namespace, name, component, action }, 0);
    }
  }

  #circumstances(context: ReconcileContext<RestAPI>, release: ReleasePlan): Circumstances {
    const { front } = release.decision;
    const { release: inProgress, checks } = release.status;
    const checking = checks?.result === 'Running' ? `checks of revision ${checks.revision} are running` : undefined;
    const switchedAt = Date.parse(front.switchedAt ?? '');
    return {
      // A release that is queued waits for the active revision, which is healed as ever.
      release:
        inProgress && inProgress.phase !== 'Queued'
          ? `revision ${inProgress.revision} in ${inProgress.environment}`
          : checking,
      ...(!Number.isNaN(switchedAt) && { switchedAt }),
      rollbackFrom: rollbackFrom(context.primary, release),
      clusterHealth: () => this.#findClusterHealth(context),
    };
  }

  #findClusterHealth(context: ReconcileContext<RestAPI>): ClusterHealth {
    const now = Date.now();
    if (this.#clusterHealth && now < this.#clusterHealth.until) return this.#clusterHealth.seen;
    this.#begun = this.#begun.filter(({ at }) => now - Date.parse(at) < MINUTE_MS);
    const seen = clusterHealthOf(context.primaries(), context.allWatched<Pod>('Pod'), this.#begun, new Date(now));
    this.#clusterHealth = { seen, until: now + CLUSTER_HEALTH_MS };
    return seen;
  }
}

/** The revision to reject, if it is the wanted one and no user paused releases or rolled back. */
function rollbackFrom(api: StoredObject<RestAPI>, { decision, upToDate, status, conditions }: ReleasePlan) {
  const { revision, previousRevision } = decision.front;
  const { blueGreen } = api.spec;
  const isPinned = conditions.some(({ type, status: is }) => type === 'RolledBack' && is === 'True');
  if (!blueGreen?.enabled || blueGreen.paused || !upToDate || status.release || isPinned) return undefined;
  if (revision === undefined || previousRevision === undefined || previousRevision === revision) return undefined;
  const known = decision.revisions.some(({ name }) => name === previousRevision);
  if (!known || rejectionOf(api, revision) || rejectionOf(api, previousRevision)) return undefined;
  return revision;
}

function kept(actions: readonly HealingRecord[]): Pick<RestAPIStatus, 'healing'> {
  return actions.length > 0 ? { healing: { actions: actions.slice(0, REMEMBERED_ACTIONS) } } : {};
}
