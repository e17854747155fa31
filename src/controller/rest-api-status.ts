import { conditions, type StoredObject, type WorkflowResult } from '../../operator/index.ts';
import {
  activeEnvironment,
  ComponentAutoscaler,
  ComponentDeployment,
  type ComponentName,
  type ComponentStatus,
  type Deployment,
  type Environment,
  type RestAPI,
  type RestAPIStatus,
} from '../../resources/index.ts';
import { enabledComponents } from '../../resources/model/enabled-components.ts';
import { applicationSelector, isOf } from '../../resources/model/labels.ts';
import { componentObjectName, environmentObjectName } from '../../resources/model/object-names.ts';
import { contentKey, type SourceOfVariables } from '../../resources/model/references.ts';
import { RELEASE_FIELDS, type ReleasePlan } from '../blue-green/release-plan.ts';
import type { Healed } from '../healing/healer.ts';
import type { ScalingPlan } from '../scaling/plan-scaling.ts';
import { scalingConditions, scalingStatus } from '../scaling/scaling-status.ts';
import { type Trouble, troubleOf } from '../workload/trouble.ts';
import { notFound, referenceConditions } from './missing-references.ts';
import type { Phase } from './phases.ts';
import { previewCondition, withProblem } from './preview-problem.ts';
import { missing } from './reference-contents.ts';
import { described, releaseProblem, type SplitResult } from './serving-result.ts';
import type { Snapshot } from './snapshot.ts';
import type { ReadyReason, RestApiCondition, StatusCondition } from './status-conditions.ts';

/**
 * The status of a RestAPI after its generated objects were applied. Phase and readiness are those of the active
 * environment; one that is being released does not change them. Pure: the same observations give the same status, so
 * nothing is written while nothing changes.
 *
 * @param result the outcomes of applying them; `split` has them by what they concern
 * @param now time for conditions that change in this run
 */
export function statusOf(
  { api, pods, sources }: Pick<Snapshot, 'api' | 'pods' | 'sources'>,
  result: WorkflowResult,
  {
    release,
    scaling,
    healed,
    split,
  }: { release: ReleasePlan; scaling: ScalingPlan; healed: Healed; split: SplitResult },
  now: Date = new Date(),
): RestAPIStatus {
  const absent = missing(sources);
  const isCopied = (source: SourceOfVariables) => release.copied.includes(contentKey(source));
  const needed = absent.filter((source) => !isCopied(source));
  const active = activeEnvironment(release.decision);
  const names = new Map(
    enabledComponents(active.api).map((component) => [environmentObjectName(api, component, active.name), component]),
  );
  const autoscalers = new Map(
    result.observed(ComponentAutoscaler).flatMap((autoscaler) => {
      const component = enabledComponents(active.api).find(
        (name) => componentObjectName(api, name) === autoscaler.metadata.name,
      );
      return component ? [[component, autoscaler] as const] : [];
    }),
  );
  const deployments = result.observed(ComponentDeployment).filter(({ metadata }) => names.has(metadata.name));
  const components = [...names].map(([objectName, name]): ComponentStatus => {
    const object = deployments.find(({ metadata }) => metadata.name === objectName);
    const counts = { replicas: active.replicas[name] ?? 0, readyReplicas: readyReplicas(object) };
    const own = pods.filter((pod) => isOf(pod, name, active.name));
    const healthy = result.outcomes.some(
      (one) => one.name === objectName && one.object === object && one.ready === true,
    );
    const autoscaler = autoscalers.get(name);
    const reported = api.status?.components?.find((one) => one.name === name)?.scaling;
    return {
      name,
      ...counts,
      ...(autoscaler && { scaling: { ...scalingStatus(autoscaler, reported), ...forecastOf(name) } }),
      ...(scaling.recommended[name] && { recommended: scaling.recommended[name] }),
      ...(healthy ? undefined : troubleOf(name, object, own)),
      ...(healthy && autoscaler && counts.readyReplicas < counts.replicas && failing(troubleOf(name, object, own))),
    };
  });
  const problem = releaseProblem(split);
  const readiness = readinessOf(api, split.serving, active, components, {
    missing: release.upToDate ? needed : [],
    migrating: release.migrating,
  });
  const others = [
    ...readiness.others,
    ...scalingConditions(autoscalers),
    ...scaling.conditions,
    ...release.conditions,
    ...healed.conditions,
    ...contendedCondition(result),
    ...previewCondition(split),
    ...referenceConditions(api, { needed: release.upToDate ? [] : needed, copied: absent.filter(isCopied) }),
  ];
  return {
    ...status(api, { ...readiness, others }, components, now),
    ...deploymentTime(api, deployments),
    ...release.status,
    ...(release.status.release && { release: withProblem(release.status.release, problem) }),
    ...healed.status,
  };

  function forecastOf(name: ComponentName) {
    const forecast = scaling.forecasts[name];
    return forecast && { forecast };
  }
}

/** The status of a RestAPI that cannot be reconciled: the generated objects stay, and so do the replica counts. */
export function failedStatus(
  api: StoredObject<RestAPI>,
  reason: ReadyReason,
  message: string,
  now: Date = new Date(),
): RestAPIStatus {
  const readiness: Readiness = { phase: 'Failed', ready: { status: 'False', reason, message }, others: [] };
  return { ...status(api, readiness, api.status?.components ?? [], now), ...keptFields(api) };
}

/** The status of a RestAPI that is being deleted. */
export function deletingStatus(api: StoredObject<RestAPI>, now: Date = new Date()): RestAPIStatus {
  const message = 'The generated objects are being deleted';
  const readiness: Readiness = {
    phase: 'Deleting',
    ready: { status: 'False', reason: 'Deleting', message },
    others: [],
  };
  return { ...status(api, readiness, api.status?.components ?? [], now), ...keptFields(api) };
}

/** The state of releases and healing, unchanged: what a status leaves out is lost. */
function keptFields({ status = {} }: StoredObject<RestAPI>): RestAPIStatus {
  return Object.fromEntries(
    [...RELEASE_FIELDS, 'healing' as const].flatMap((field) => (status[field] ? [[field, status[field]]] : [])),
  );
}

/** Pods that an autoscaler added and that are still starting are not a failure. */
function failing(trouble: Trouble | undefined): Trouble | undefined {
  return trouble?.reason === 'NotReady' ? undefined : trouble;
}

interface Readiness {
  phase: Phase;
  ready: { status: 'True' | 'False'; reason: ReadyReason; message: string };
  others: RestApiCondition[];
}

function readinessOf(
  api: StoredObject<RestAPI>,
  result: SplitResult['serving'],
  active: Environment,
  components: ComponentStatus[],
  { missing, migrating }: { missing: readonly SourceOfVariables[]; migrating: ReleasePlan['migrating'] },
): Readiness {
  const { conflicts, failures, unavailable } = result;
  const ofOthers = (name: string) =>
    !components.some((one) => environmentObjectName(api, one.name, active.name) === name);
  const notReady = result.notReady.filter(
    ({ dependent, name }) => dependent !== ComponentDeployment || !ofOthers(name),
  );
  if (conflicts.length > 0) {
    const names = conflicts.map(({ kind, name }) => `${kind} ${name}`).join(', ');
    const message =
      `Objects of these names exist and are not managed by this RestAPI: ${names}. ` +
      'Delete them, or give this RestAPI another name.';
    return {
      phase: 'Failed',
      ready: { status: 'False', reason: 'NameConflict', message },
      others: [{ type: 'NameConflict', status: 'True', reason: 'NameTaken', message }],
    };
  }
  if (failures.length > 0) {
    const message = failures.map(described).join('; ');
    return { phase: 'Failed', ready: { status: 'False', reason: 'ApplyFailed', message }, others: [] };
  }
  if (unavailable.length > 0) {
    const message = unavailable.map(described).join('; ');
    return { phase: 'Failed', ready: { status: 'False', reason: 'KindNotServed', message }, others: [] };
  }
  // It was ready with this spec, so nothing is rolling out: something broke.
  const before = api.status;
  const broke =
    before?.observedGeneration === api.metadata.generation &&
    (before?.phase === 'Ready' || before?.phase === 'Degraded');
  if (missing.length > 0) {
    const ready = { status: 'False', reason: 'ReferenceNotFound', message: notFound(api, missing) } as const;
    return { phase: broke ? 'Degraded' : 'Pending', ready, others: [] };
  }
  const troubled = components.filter(
    ({ name, reason }) =>
      reason !== undefined ||
      notReady.some(
        (outcome) =>
          outcome.dependent === ComponentDeployment && outcome.name === environmentObjectName(api, name, active.name),
      ),
  );
  if (notReady.length === 0 && troubled.length === 0) {
    if (migrating) {
      const reason = migrating.failed ? 'MigrationFailed' : 'Migrating';
      const ready = { status: 'False', reason, message: migrating.message } as const;
      return { phase: migrating.failed ? 'Failed' : 'Progressing', ready, others: [] };
    }
    if (components.every(({ replicas }) => replicas === 0)) {
      const message = 'All components are scaled to 0';
      return { phase: 'Stopped', ready: { status: 'True', reason: 'Stopped', message }, others: [] };
    }
    return {
      phase: 'Ready',
      ready: { status: 'True', reason: 'AllReady', message: 'All components are ready' },
      others: [],
    };
  }
  const waiting = troubled.map(({ name, replicas, readyReplicas: ready, message }) => {
    const cause = message ? `; ${message}` : '';
    return `${name} (${ready} of ${replicas} pods ready${cause})`;
  });
  const others = notReady.filter(({ dependent }) => dependent !== ComponentDeployment).map(described);
  const message = `Waiting for ${[...waiting, ...others].join(', ')}`;
  return {
    phase: broke ? 'Degraded' : 'Progressing',
    ready: { status: 'False', reason: broke ? 'ComponentsNotReady' : 'Progressing', message },
    others: [],
  };
}

/** Names generated objects that another writer keeps changing. Leaves out the delay, which changes all the time. */
function contendedCondition({ contended }: WorkflowResult): StatusCondition[] {
  if (contended.length === 0) return [];
  const objects = contended.map(({ kind, name, fields, who }) => {
    const what = fields.length > 0 ? `${fields.join(', ')} of ${kind} ${name}` : `${kind} ${name}`;
    return `${who} keeps changing ${what}`;
  });
  const message =
    `${objects.join('; ')}. The operator reverts this with increasing delays. Stop the other writer, or request ` +
    'the same values in the RestAPI.';
  return [{ type: 'Contended', status: 'True', reason: 'ChangedByOthers', message }];
}

function status(
  api: StoredObject<RestAPI>,
  { phase, ready, others }: Readiness,
  components: ComponentStatus[],
  now: Date,
): RestAPIStatus {
  const observedGeneration = api.metadata.generation;
  const inputs = [{ type: 'Ready', ...ready }, ...others].map((condition) => ({ ...condition, observedGeneration }));
  return {
    phase,
    replicas: sum(components.map(({ replicas }) => replicas)),
    readyReplicas: sum(components.map(({ readyReplicas: count }) => count)),
    observedGeneration,
    selector: Object.entries(applicationSelector(api))
      .map(([label, value]) => `${label}=${value}`)
      .join(','),
    ...(api.status?.lastDeploymentTime && { lastDeploymentTime: api.status.lastDeploymentTime }),
    components,
    conditions: conditions(api.status?.conditions, inputs, now),
  };
}

/** When the last rollout of a component completed, from the conditions of the Deployments. */
function deploymentTime(
  api: StoredObject<RestAPI>,
  deployments: readonly StoredObject<Deployment>[],
): Pick<RestAPIStatus, 'lastDeploymentTime'> {
  const times = deployments
    .flatMap(({ status }) => status?.conditions ?? [])
    .filter(({ type, reason }) => type === 'Progressing' && reason === 'NewReplicaSetAvailable')
    .map(({ lastUpdateTime }) => lastUpdateTime);
  // RFC 3339 in UTC sorts by time.
  const last = [...times, api.status?.lastDeploymentTime ?? ''].sort().at(-1);
  return last ? { lastDeploymentTime: last } : {};
}

function readyReplicas(deployment: StoredObject<Deployment> | undefined): number {
  return deployment?.status?.readyReplicas ?? 0;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
