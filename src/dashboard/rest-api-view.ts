import type { StoredObject } from '../../operator/index.ts';
import {
  type ChecksStatus,
  COMPONENTS,
  type ComponentName,
  type ConfigMap,
  type Deployment,
  type EnvironmentName,
  type EnvironmentStatus,
  type ForecastStatus,
  type HealingRecord,
  type HorizontalPodAutoscaler,
  type RecommendedAmounts,
  type ReleasePhase,
  type ReleaseRecord,
  type RestAPI,
  type ScalingMetricStatus,
  type Service,
  scalingRecordName,
} from '../../resources/index.ts';
import { isOf } from '../../resources/model/labels.ts';
import { componentObjectName } from '../../resources/model/object-names.ts';
import { releaseAuthors } from '../blue-green/author.ts';
import { podState } from '../live-table/pod-state.ts';
import { scalingStatus } from '../scaling/scaling-status.ts';
import type { Pod } from '../workload/pod.ts';
import { podTrouble } from '../workload/pod-trouble.ts';
import { type ConditionView, conditionViews, type FleetRow, fleetRow } from './fleet-row.ts';
import { type ForecastView, forecastView } from './forecast-view.ts';
import { type ReleaseStep, releaseSteps } from './release-steps.ts';
import { releasedVersion } from './released-version.ts';
import { versionOf } from './version-of.ts';

/** One RestAPI in detail. Contains no variables, commands or Secrets. */
export interface RestApiView extends FleetRow {
  conditions: ConditionView[];
  /** `name:port` of the Service that receives requests; left out while it does not exist. */
  front?: string;
  /** The active one first; only `main` without blue-green releases. */
  environments: EnvironmentView[];
  releasing?: ReleaseView;
  checks?: ChecksView;
  components: ComponentView[];
  /** Healing actions, newest first. */
  healing: Omit<HealingRecord, 'id'>[];
  /** Recent releases, newest first. */
  history: (Pick<ReleaseRecord, 'revision' | 'result' | 'at' | 'by' | 'message'> & { version: string })[];
}

/** An environment and its pods. */
export interface EnvironmentView extends EnvironmentStatus {
  version: string;
  components: { name: ComponentName; ready: number; replicas: number; pods: PodView[] }[];
}

export interface PodView {
  name: string;
  /** The STATUS column of `kubectl get pods`. */
  state: string;
  ready: boolean;
  /** Why it is not running, as Kubernetes reports it. */
  trouble?: string;
  restarts: number;
  createdAt: string;
}

export interface ReleaseView {
  revision: string;
  environment: string;
  version: string;
  phase: ReleasePhase;
  startedAt: string;
  /** Who requested, promoted and skipped what, as far as it is known. */
  authors: string[];
  /** What it waits for. */
  message: string;
  steps: ReleaseStep[];
}

export interface ChecksView extends Pick<ChecksStatus, 'stage' | 'result'> {
  checks: { name: string; result: string; attempts: number; failures: number; message: string }[];
}

/** A component in the active environment. */
export interface ComponentView {
  name: ComponentName;
  ready: number;
  replicas: number;
  /** `name:port` of its Service; left out while it does not exist. */
  service?: string;
  image: string;
  reason?: string;
  message?: string;
  scaling?: ScalingView;
  forecast?: ForecastView;
  /** Recommended requests per pod. */
  recommended?: RecommendedAmounts;
}

/** The current state of its HorizontalPodAutoscaler. */
export interface ScalingView {
  min: number;
  max: number;
  current?: number;
  desired?: number;
  metrics: ScalingMetricStatus[];
  /** The forecast of its load. */
  forecast?: ForecastStatus;
}

/**
 * Builds the detailed view of one RestAPI. Pure.
 *
 * @param related its generated objects and their pods
 */
export function restApiView(api: StoredObject<RestAPI>, related: readonly StoredObject[]): RestApiView {
  const of = <T>(kind: string) => related.filter((object) => object.kind === kind) as StoredObject<T & object>[];
  const parts: Parts = {
    deployments: of<Deployment>('Deployment'),
    services: of<Service>('Service'),
    pods: of<Pod>('Pod'),
    autoscalers: of<HorizontalPodAutoscaler>('HorizontalPodAutoscaler'),
  };
  const record = of<ConfigMap>('ConfigMap').find(({ metadata }) => metadata.name === scalingRecordName(api));
  const environments = environmentsOf(api, parts);
  const { status = {} } = api;
  const front = serviceAddress(parts, api.metadata.name);
  return {
    ...fleetRow(api),
    conditions: conditionViews(api),
    ...(front && { front }),
    environments,
    ...releaseView(api),
    ...(status.checks && { checks: checksView(status.checks) }),
    components: (environments[0]?.components ?? []).map(({ name, ready, replicas }) => {
      const own = status.components?.find((one) => one.name === name);
      const service = serviceAddress(parts, componentObjectName(api, name));
      const scaling = scalingView(parts, componentObjectName(api, name), own?.scaling?.forecast);
      const forecast = forecastView(api, name, record);
      return {
        name,
        ready,
        replicas,
        ...(service && { service }),
        image: imageOf(find(parts.deployments, name, environments[0]?.name)) ?? '',
        ...(own?.reason && { reason: own.reason }),
        ...(own?.message && { message: own.message }),
        ...(scaling && { scaling }),
        ...(forecast && { forecast }),
        ...(own?.recommended && { recommended: own.recommended }),
      };
    }),
    healing: (status.healing?.actions ?? []).map(({ at, action, component, target, reason, message, result }) => {
      return { at, action, component, target, reason, message, ...(result && { result }) };
    }),
    history: (status.history ?? []).map(({ revision, image, result, at, by, message }) => {
      return { revision, version: versionOf(image), result, at, ...(by && { by }), message };
    }),
  };
}

interface Parts {
  deployments: readonly StoredObject<Deployment>[];
  services: readonly StoredObject<Service>[];
  pods: readonly StoredObject<Pod>[];
  autoscalers: readonly StoredObject<HorizontalPodAutoscaler>[];
}

const ROLES: readonly EnvironmentStatus['role'][] = ['active', 'preview', 'idle'];

function environmentsOf(api: StoredObject<RestAPI>, parts: Parts): EnvironmentView[] {
  const { spec, status = {} } = api;
  const { replicas = 0, readyReplicas = 0 } = status;
  const main: EnvironmentStatus = { name: 'main', role: 'active', image: spec?.image ?? '', replicas, readyReplicas };
  return [...(status.environments ?? [main])]
    .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role))
    .map((environment) => ({
      ...environment,
      version: versionOf(environment.image),
      components: COMPONENTS.flatMap((name) => {
        const deployment = find(parts.deployments, name, environment.name);
        const pods = parts.pods.filter((pod) => isOf(pod, name, environment.name));
        // Objects stored under an older CRD may lack today's defaults.
        const enabled = api.spec?.[name]?.enabled ?? true;
        if (!deployment && pods.length === 0 && !(enabled && environment.role === 'active')) return [];
        return {
          name,
          ready: deployment?.status?.readyReplicas ?? 0,
          replicas: deployment?.spec.replicas ?? 0,
          pods: [...pods].sort(oldestFirst).map(podView),
        };
      }),
    }));
}

function find(
  deployments: readonly StoredObject<Deployment>[],
  component: ComponentName,
  environment: EnvironmentName | undefined,
): StoredObject<Deployment> | undefined {
  return deployments.find((deployment) => isOf(deployment, component, environment));
}

function imageOf(deployment: StoredObject<Deployment> | undefined): string | undefined {
  const template = deployment?.spec.template as { spec?: { containers?: { image?: string }[] } } | undefined;
  return template?.spec?.containers?.[0]?.image;
}

function serviceAddress({ services }: Parts, name: string): string | undefined {
  const service = services.find(({ metadata }) => metadata.name === name);
  if (!service) return undefined;
  const { ports = [] } = service.spec as { ports?: { port?: number }[] };
  return `${name}:${ports.map(({ port }) => port).join(',')}`;
}

function podView(pod: StoredObject<Pod>): PodView {
  const trouble = podTrouble(pod);
  const { conditions = [], containerStatuses = [] } = pod.status ?? {};
  return {
    name: pod.metadata.name,
    state: podState(pod),
    ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    ...(trouble && { trouble }),
    restarts: containerStatuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    createdAt: pod.metadata.creationTimestamp ?? '',
  };
}

function oldestFirst(a: StoredObject<Pod>, b: StoredObject<Pod>): number {
  const [first, second] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`);
  return String(first) < String(second) ? -1 : 1;
}

function releaseView(api: StoredObject<RestAPI>): { releasing?: ReleaseView } {
  const { release } = api.status ?? {};
  if (!release) return {};
  const { revision, environment, phase, startedAt, message } = release;
  const authors = releaseAuthors(release);
  const version = releasedVersion(api, release);
  const steps = releaseSteps(api);
  return { releasing: { revision, environment, version, phase, startedAt, authors, message, steps } };
}

function checksView({ stage, result, checks }: ChecksStatus): ChecksView {
  return {
    stage,
    result,
    checks: checks.map(({ name, result: is, attempts, failures, message }) => {
      return { name, result: is, attempts, failures, message };
    }),
  };
}

function scalingView(
  { autoscalers }: Parts,
  name: string,
  forecast: ForecastStatus | undefined,
): ScalingView | undefined {
  const autoscaler = autoscalers.find(({ metadata }) => metadata.name === name);
  if (!autoscaler) return undefined;
  const { minReplicas: min, maxReplicas: max, metrics } = scalingStatus(autoscaler, undefined);
  const { currentReplicas: current, desiredReplicas: desired } = autoscaler.status ?? {};
  return {
    min,
    max,
    ...(current !== undefined && { current }),
    ...(desired !== undefined && { desired }),
    metrics,
    ...(forecast && { forecast }),
  };
}
