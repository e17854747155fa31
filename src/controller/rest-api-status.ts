import {
  type ConditionInput,
  conditions,
  type DependentOutcome,
  type StoredObject,
  type WorkflowResult,
} from '../../operator/index.ts';
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
import type { SourceOfVariables } from '../../resources/model/references.ts';
import { RELEASE_FIELDS, type Verdict as ReleaseVerdict } from '../blue-green/decide.ts';
import type { ScalingVerdict } from '../scaling/scaler.ts';
import { scalingConditions, scalingStatus } from '../scaling/scaling-status.ts';
import type { Pod } from '../workload/pod.ts';
import { type Trouble, troubleOf } from '../workload/trouble.ts';

const NOTHING_FOLLOWS = { recommended: {}, forecasts: {}, conditions: [] };

/** A RestAPI's state in one word. */
export type Phase = 'Pending' | 'Progressing' | 'Ready' | 'Degraded' | 'Stopped' | 'Failed' | 'Deleting';

/**
 * The status of a RestAPI after everything generated for it was brought to what it should be: that of the environment
 * which is active; one that is being prepared does not make it better or worse.
 * Pure: the same observations give the same status, so nothing is written while nothing changes.
 *
 * @param pods of all components and environments
 * @param missing ConfigMaps and Secrets that pods need and that do not exist
 * @param use what follows from the use of pods
 * @param now time for conditions that change with this look
 */
export function statusOf(
  api: StoredObject<RestAPI>,
  result: WorkflowResult,
  release: ReleaseVerdict,
  pods: readonly StoredObject<Pod>[] = [],
  missing: readonly SourceOfVariables[] = [],
  use: Pick<ScalingVerdict, 'recommended' | 'forecasts' | 'conditions'> = NOTHING_FOLLOWS,
  now: Date = new Date(),
): RestAPIStatus {
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
    const well = result.outcomes.some((one) => one.name === objectName && one.object === object && one.ready === true);
    const autoscaler = autoscalers.get(name);
    const told = api.status?.components?.find((one) => one.name === name)?.scaling;
    return {
      name,
      ...counts,
      ...(autoscaler && { scaling: { ...scalingStatus(autoscaler, told), ...forecastOf(name) } }),
      ...(use.recommended[name] && { recommended: use.recommended[name] }),
      ...(well ? undefined : troubleOf(name, object, own)),
      ...(well && autoscaler && counts.readyReplicas < counts.replicas && failing(troubleOf(name, object, own))),
    };
  });
  const verdict = judge(api, result, active, components, release.upToDate ? missing : []);
  verdict.others.push(...scalingConditions(autoscalers), ...use.conditions, ...release.conditions);
  verdict.others.push(...contendedCondition(result));
  if (!release.upToDate && missing.length > 0) {
    verdict.others.push({ type: 'ReferenceNotFound', status: 'True', ...notFound(api, missing) });
  }
  return { ...status(api, verdict, components, now), ...deploymentTime(api, deployments), ...release.status };

  function forecastOf(name: ComponentName) {
    const forecast = use.forecasts[name];
    return forecast && { forecast };
  }
}

/** The status of a RestAPI that is not acted upon: what was generated before stays, and so do its numbers. */
export function failedStatus(
  api: StoredObject<RestAPI>,
  reason: string,
  message: string,
  now: Date = new Date(),
): RestAPIStatus {
  const verdict: Verdict = { phase: 'Failed', ready: { status: 'False', reason, message }, others: [] };
  return { ...status(api, verdict, api.status?.components ?? [], now), ...keptFields(api) };
}

/** The status of a RestAPI being deleted of which so many generated objects are left. */
export function deletingStatus(api: StoredObject<RestAPI>, now: Date = new Date()): RestAPIStatus {
  const message = 'The generated objects are being deleted';
  const verdict: Verdict = { phase: 'Deleting', ready: { status: 'False', reason: 'Deleting', message }, others: [] };
  return { ...status(api, verdict, api.status?.components ?? [], now), ...keptFields(api) };
}

/** What is known of releases and healing, for a look that does not carry them on: what is left out of a status is lost. */
function keptFields({ status = {} }: StoredObject<RestAPI>): RestAPIStatus {
  return Object.fromEntries(
    [...RELEASE_FIELDS, 'healing' as const].flatMap((field) => (status[field] ? [[field, status[field]]] : [])),
  );
}

/** Pods that an autoscaler added and that only have not come up yet are no trouble. */
function failing(trouble: Trouble | undefined): Trouble | undefined {
  return trouble?.reason === 'NotReady' ? undefined : trouble;
}

interface Verdict {
  phase: Phase;
  ready: Omit<ConditionInput, 'type'>;
  others: ConditionInput[];
}

function judge(
  api: StoredObject<RestAPI>,
  result: WorkflowResult,
  active: Environment,
  components: ComponentStatus[],
  missing: readonly SourceOfVariables[],
): Verdict {
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
  // It was ready with this very spec, so nothing is being rolled out: something broke.
  const before = api.status;
  const broke =
    before?.observedGeneration === api.metadata.generation &&
    (before?.phase === 'Ready' || before?.phase === 'Degraded');
  if (missing.length > 0) {
    const ready = { status: 'False', ...notFound(api, missing) } as const;
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

/** Says which generated objects others change back as often as the operator writes them. Not of how long it waits: that changes. */
function contendedCondition({ contended }: WorkflowResult): ConditionInput[] {
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

function notFound(
  { metadata }: StoredObject<RestAPI>,
  missing: readonly SourceOfVariables[],
): Pick<ConditionInput, 'reason' | 'message'> {
  const names = missing.map(({ kind, name, field }) => `${kind} ${name} (${field})`).join(', ');
  const message =
    `Pods cannot start because these objects do not exist in namespace ${metadata.namespace}: ${names}. ` +
    'Create them, reference others, or set optional: true on the reference.';
  return { reason: 'ReferenceNotFound', message };
}

function status(
  api: StoredObject<RestAPI>,
  { phase, ready, others }: Verdict,
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

/** When the last of the components' versions was completely rolled out, as their Deployments tell. */
function deploymentTime(
  api: StoredObject<RestAPI>,
  deployments: readonly StoredObject<Deployment>[],
): Pick<RestAPIStatus, 'lastDeploymentTime'> {
  const times = deployments
    .flatMap(({ status }) => status?.conditions ?? [])
    .filter(({ type, reason }) => type === 'Progressing' && reason === 'NewReplicaSetAvailable')
    .map(({ lastUpdateTime }) => lastUpdateTime);
  // Of several in one second it is the same text: RFC 3339 in UTC sorts as time does.
  const last = [...times, api.status?.lastDeploymentTime ?? ''].sort().at(-1);
  return last ? { lastDeploymentTime: last } : {};
}

function described({ kind, name, ready }: DependentOutcome): string {
  return `${kind} ${name}: ${ready}`;
}

function readyReplicas(deployment: StoredObject<Deployment> | undefined): number {
  return deployment?.status?.readyReplicas ?? 0;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
