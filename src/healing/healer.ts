import { Counter, type Registry } from 'prom-client';
import type { ConditionInput, ReconcileContext, StoredObject } from '../../operator/index.ts';
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
import type { Verdict } from '../blue-green/decide.ts';
import { newRejection, rejectionOf } from '../blue-green/rejection.ts';
import type { Pod } from '../workload/pod.ts';
import { type Begun, type ClusterHealth, clusterHealthOf, MINUTE_MS } from './cluster-health.ts';
import { type ComponentHealth, componentHealthOf } from './component-health.ts';
import { execute } from './execute.ts';
import { type Circumstances, heal } from './heal.ts';
import { doneEvent, heldEvent, refusedEvent } from './healing-events.ts';

/** The condition that says why nothing is done about a RestAPI that is not well. */
export const HEALING_HELD = 'HealingHeld';

/** How long a look at all RestAPIs and pods is good for, milliseconds. In an outage each of them asks for it. */
const FLEET_MS = 1_000;
/** When a RestAPI is looked at again whose last change has not been taken up, milliseconds. */
const SOON_MS = 1_000;

/** What healing adds to the status of a RestAPI. */
export interface Healed {
  status: Pick<RestAPIStatus, 'healing' | 'rejected'>;
  conditions: ConditionInput[];
  requeueAfterMs?: number;
}

/**
 * Does what heal() decides: first an action is written down in the status, and only a run that finds it there does it.
 * So an operator that is killed between the two may leave one undone, but never does one that is not counted.
 */
export class Healer {
  #begun: Begun[] = [];
  #fleet: { seen: ClusterHealth; until: number } | undefined;
  readonly #done = new Counter({
    name: 'restapi_healing_actions_total',
    help: 'Healing actions executed for a RestAPI: RestartPod, RestartComponent, Rollback.',
    labelNames: ['namespace', 'name', 'component', 'action'],
    // Which one it belongs to is only known when the operator is made.
    registers: [],
  });

  /** Has the actions shown. Call it once. */
  showIn(registry: Registry): void {
    registry.registerMetric(this.#done);
  }

  /** Forgets a RestAPI that is gone. */
  forget({ metadata: { namespace = '', name } }: StoredObject<RestAPI>): void {
    for (const component of COMPONENTS) {
      for (const action of HEALING_ACTIONS) this.#done.remove({ namespace, name, component, action });
    }
  }

  /**
   * One look at a RestAPI.
   *
   * @param verdict what was decided about its releases in this run
   * @param deployments of all its environments
   * @throws ApiError, TransportError if something could not be done
   */
  async look(
    context: ReconcileContext<RestAPI>,
    verdict: Verdict,
    deployments: readonly StoredObject<Deployment>[],
  ): Promise<Healed> {
    const { primary } = context;
    const actions = primary.status?.healing?.actions ?? [];
    const same: Healed = { status: kept(actions), conditions: [] };
    // What is active is just changing.
    if (verdict.switches) return same;
    const spec = primary.spec.healthCheck?.healing ?? DEFAULT_HEALING;
    const pods = context.watched<Pod>('Pod');
    const wards = componentHealthOf(primary, activeEnvironment(verdict.decision), deployments, pods, actions);
    this.#showZero(primary, wards, spec);
    const circumstances = this.#circumstances(context, verdict);
    const now = new Date();
    const [newest] = actions;
    if (newest && newest.result === undefined) {
      const late = now.getTime() - Date.parse(newest.at) > spec.stuckSeconds * 1_000;
      const overtaken = !spec.enabled || late || circumstances.release !== undefined;
      return this.#finish(context, newest, overtaken ? [] : wards, overtaken ? [] : deployments);
    }
    const changed = primary.status?.observedGeneration !== primary.metadata.generation;
    // The caches may be those of before the change.
    if (changed) return wards.some(({ ailing }) => ailing.length > 0) ? { ...same, requeueAfterMs: SOON_MS } : same;
    const healing = heal(wards, circumstances, spec, actions, now);
    if (healing.next === 'act') return this.#begin(context, healing.record, now);
    const wait = healing.checkAt !== undefined && { requeueAfterMs: Math.max(1, healing.checkAt - now.getTime()) };
    if (healing.next === 'nothing') return { ...same, ...wait };
    const { reason, message } = healing;
    const told = primary.status?.conditions?.find(({ type }) => type === HEALING_HELD);
    // What nobody asked for is said where one looks for it.
    if (told?.reason !== reason && reason !== 'NotAskedFor') context.event(heldEvent(reason, message));
    return { ...same, conditions: [{ type: HEALING_HELD, status: 'True', reason, message }], ...wait };
  }

  /** Writes down what is to be done. To give a revision up is no more than that. */
  #begin(context: ReconcileContext<RestAPI>, record: HealingRecord, now: Date): Healed {
    const { primary } = context;
    this.#begun.push({ uid: primary.metadata.uid, at: record.at });
    this.#fleet = undefined;
    const actions = primary.status?.healing?.actions ?? [];
    if (record.action !== 'Rollback') {
      return { status: kept([record, ...actions]), conditions: [], requeueAfterMs: 1 };
    }
    const { target, message } = record;
    const done: HealingRecord = { ...record, result: 'Done' };
    this.#tell(context, done);
    const rejected = newRejection(primary, target, 'HealingRollback', message, now);
    return { status: { ...kept([done, ...actions]), rejected }, conditions: [], requeueAfterMs: 1 };
  }

  /** Does what is written down. */
  async #finish(
    context: ReconcileContext<RestAPI>,
    record: HealingRecord,
    wards: readonly ComponentHealth[],
    deployments: readonly StoredObject<Deployment>[],
  ): Promise<Healed> {
    const { client, signal, primary } = context;
    const { result, did, why } = await execute(record, wards, deployments, client, signal);
    if (did) this.#tell(context, record);
    if (why !== undefined) context.event(refusedEvent(record, why));
    const [, ...earlier] = primary.status?.healing?.actions ?? [];
    return { status: kept([{ ...record, result }, ...earlier]), conditions: [], requeueAfterMs: 1 };
  }

  #tell({ primary, event, logger }: ReconcileContext<RestAPI>, record: HealingRecord): void {
    const { namespace = '', name } = primary.metadata;
    const { component, action, target, reason } = record;
    this.#done.inc({ namespace, name, component, action });
    event(doneEvent(record));
    logger.info('Executed healing action', { component, action, target, reason });
  }

  /** Prometheus sees no increase in a series that begins with its first action, so it begins with the trouble. */
  #showZero({ metadata }: StoredObject<RestAPI>, wards: readonly ComponentHealth[], { enabled }: HealingSpec): void {
    if (!enabled) return;
    const { namespace = '', name } = metadata;
    for (const { component, ailing, rolledOutAt } of wards) {
      // While pods are started for the first time, none of them is well.
      if (ailing.length === 0 || rolledOutAt === undefined) continue;
      for (const action of HEALING_ACTIONS) this.#done.inc({ namespace, name, component, action }, 0);
    }
  }

  #circumstances(context: ReconcileContext<RestAPI>, verdict: Verdict): Circumstances {
    const { front } = verdict.decision;
    const { release, checks } = verdict.status;
    const checking = checks?.result === 'Running' ? `checks of revision ${checks.revision} are running` : undefined;
    const switchedAt = Date.parse(front.switchedAt ?? '');
    return {
      release: release ? `revision ${release.revision} in ${release.environment}` : checking,
      ...(!Number.isNaN(switchedAt) && { switchedAt }),
      canGoBackFrom: canGoBackFrom(context.primary, verdict),
      fleet: () => this.#lookAround(context),
    };
  }

  #lookAround(context: ReconcileContext<RestAPI>): ClusterHealth {
    const now = Date.now();
    if (this.#fleet && now < this.#fleet.until) return this.#fleet.seen;
    this.#begun = this.#begun.filter(({ at }) => now - Date.parse(at) < MINUTE_MS);
    const seen = clusterHealthOf(context.primaries(), context.allWatched<Pod>('Pod'), this.#begun, new Date(now));
    this.#fleet = { seen, until: now + FLEET_MS };
    return seen;
  }
}

/** The revision that would be given up, if it is what is asked for and nobody holds releases or went back himself. */
function canGoBackFrom(api: StoredObject<RestAPI>, { decision, upToDate, status, conditions }: Verdict) {
  const { revision, previousRevision } = decision.front;
  const { blueGreen } = api.spec;
  const byHand = conditions.some(({ type, status: is }) => type === 'RolledBack' && is === 'True');
  if (!blueGreen?.enabled || blueGreen.paused || !upToDate || status.release || byHand) return undefined;
  if (revision === undefined || previousRevision === undefined || previousRevision === revision) return undefined;
  const known = decision.revisions.some(({ name }) => name === previousRevision);
  if (!known || rejectionOf(api, revision) || rejectionOf(api, previousRevision)) return undefined;
  return revision;
}

function kept(actions: readonly HealingRecord[]): Pick<RestAPIStatus, 'healing'> {
  return actions.length > 0 ? { healing: { actions: actions.slice(0, REMEMBERED_ACTIONS) } } : {};
}
