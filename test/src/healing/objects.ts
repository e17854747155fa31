import type { StoredObject } from '../../../operator/index.ts';
import {
  type ComponentName,
  DEFAULT_HEALING,
  type Deployment,
  type Environment,
  type HealingRecord,
  type HealingSpec,
  type RestAPI,
} from '../../../resources/index.ts';
import type { Pod } from '../../../src/workload/pod.ts';

export const NOW = new Date('2026-01-01T12:00:00Z');
const SECOND = 1_000;

/** So many seconds ago, RFC 3339. */
export const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * SECOND).toISOString();

export const healing = (change: Partial<HealingSpec> = {}): HealingSpec => ({ ...DEFAULT_HEALING, ...change });

/** A RestAPI with all four components. */
export function restApi(name = 'shop', status?: object): StoredObject<RestAPI> {
  const component = { enabled: true };
  const components = { model: component, view: component, controller: component, repository: component };
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', generation: 1 },
    spec: { image: 'shop:1', replicas: 2, ...components },
    status,
  } as unknown as StoredObject<RestAPI>;
}

export function environment(api = restApi()): Environment {
  return { name: 'main', api, replicas: {}, referenceHashes: {} };
}

interface DeploymentFields {
  replicas?: number;
  progressing?: string;
  rolledOutAt?: string;
  restartedAt?: string;
  strategy?: string;
  refused?: boolean;
  image?: string;
  /** Default: all. */
  available?: number;
}

/** A Deployment that was rolled out an hour ago. */
export function deployment(component: ComponentName, fields: DeploymentFields = {}): StoredObject<Deployment> {
  const { replicas = 2, progressing = 'NewReplicaSetAvailable', rolledOutAt = ago(3_600), restartedAt } = fields;
  const annotations = restartedAt ? { 'kubectl.kubernetes.io/restartedAt': restartedAt } : undefined;
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', lastUpdateTime: ago(60) };
  return {
    metadata: { name: `shop-${component}`, namespace: 'default', uid: component, resourceVersion: '1', generation: 1 },
    spec: {
      replicas,
      selector: {},
      strategy: { type: fields.strategy ?? 'RollingUpdate' },
      template: { metadata: { labels: {}, annotations }, spec: { image: fields.image ?? 'shop:1' } },
    },
    status: {
      observedGeneration: 1,
      replicas,
      updatedReplicas: replicas,
      availableReplicas: fields.available ?? replicas,
      conditions: [
        { type: 'Progressing', status: 'True', reason: progressing, lastUpdateTime: rolledOutAt },
        ...(fields.refused ? [failure] : []),
      ],
    },
  } as unknown as StoredObject<Deployment>;
}

/** What a crashing container wrote: in two lines, the second one red. */
export const CRASH_MESSAGE = 'cannot reach db:5432\n\u001b[31mgiving up\u001b[0m';

export type Ill =
  | 'well'
  | 'crashing'
  | 'started once more'
  | 'not ready'
  | 'starting'
  | 'out of memory'
  | 'no image'
  | 'no key'
  | 'no node'
  | 'node lost'
  | 'ended';

/** A pod that has been like this for so many seconds. */
export function pod(
  component: ComponentName,
  name: string,
  ill: Ill,
  seconds = 600,
  node = 'node-0',
  { startedAt = ago(seconds), ...probes }: { startedAt?: string; startupProbe?: object; readinessProbe?: object } = {},
): StoredObject<Pod> {
  const since = ago(seconds);
  const condition = (type: string, is: boolean) => ({
    type,
    status: is ? 'True' : 'False',
    lastTransitionTime: since,
    ...(type === 'PodScheduled' && !is && { message: '0/3 nodes are available' }),
  });
  const container = { name: component, image: 'shop:1' };
  const crashed = { terminated: { reason: 'Error', exitCode: 3, message: CRASH_MESSAGE } };
  const oom = { terminated: { reason: 'OOMKilled', exitCode: 137 } };
  const waiting = (reason: string) => ({ waiting: { reason } });
  const running = { running: { startedAt } };
  const containers: Record<Ill, object> = {
    well: { ready: true, state: running },
    crashing: { ready: false, restartCount: 6, state: waiting('CrashLoopBackOff'), lastState: crashed },
    'started once more': { ready: false, restartCount: 6, state: running, lastState: crashed },
    'not ready': { ready: false, state: running },
    starting: { ready: false, state: waiting('ContainerCreating') },
    'out of memory': { ready: false, restartCount: 6, state: waiting('CrashLoopBackOff'), lastState: oom },
    'no image': { ready: false, state: waiting('ImagePullBackOff') },
    'no key': { ready: false, state: waiting('CreateContainerConfigError') },
    'no node': {},
    'node lost': { ready: true, state: running },
    ended: { ready: false, state: { terminated: { exitCode: 0 } } },
  };
  const ready = ill === 'well';
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: ago(7_200),
      labels: {
        'restapi.dev/name': 'shop',
        'restapi.dev/component': component,
        'restapi.dev/environment': 'main',
        'pod-template-hash': '5d8f7',
      },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `shop-${component}-5d8f7`, uid: 'rs', controller: true },
      ],
    },
    spec: { nodeName: ill === 'no node' ? undefined : node, containers: [{ name: component, ...probes }] },
    status: {
      phase: ill === 'ended' ? 'Failed' : 'Running',
      conditions: [
        condition('Ready', ready),
        condition('ContainersReady', ready || ill === 'node lost'),
        condition('PodScheduled', ill !== 'no node'),
      ],
      containerStatuses: ill === 'no node' ? [] : [{ ...container, ...containers[ill] }],
    },
  } as unknown as StoredObject<Pod>;
}

/** An action that was done so many seconds ago. */
export function record(seconds: number, change: Partial<HealingRecord> = {}): HealingRecord {
  const about = { component: 'model', target: 'shop-model-a', reason: 'NotReady', message: 'it was not well' } as const;
  return { at: ago(seconds), action: 'RestartPod', ...about, result: 'Done', ...change };
}
