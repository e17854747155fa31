import { type KubernetesObject, keyOf, type StoredObject } from '../../operator/index.ts';
import {
  COMPONENTS,
  type ComponentName,
  type Deployment,
  type EnvironmentName,
  type RestAPI,
} from '../../resources/index.ts';
import { componentSelector, ENVIRONMENT_LABEL } from '../../resources/model/labels.ts';
import { componentObjectName, environmentObjectName } from '../../resources/model/object-names.ts';
import type { Pod } from '../workload/pod.ts';
import type { Observed } from './observed.ts';
import { podState } from './pod-state.ts';

/** A component of a RestAPI in the active environment. */
export interface ComponentRow {
  component: ComponentName;
  /** Ready and desired pods of its Deployment; `missing` if there is no Deployment. */
  ready: { is: number; desired: number } | 'missing' | 'unknown';
  /** `name:port` of its Service. */
  service: string | 'missing' | 'unknown';
  image: string;
  /** Number of pods by state. */
  pods: ReadonlyMap<string, number> | 'unknown';
}

/** Index of observed objects by RestAPI and component. */
export class ObservedIndex {
  readonly #observed: Observed;
  readonly #deployments: ReadonlyMap<string, StoredObject<Deployment>>;
  readonly #services: ReadonlyMap<string, StoredObject>;
  readonly #pods = new Map<string, StoredObject<Pod>[]>();

  constructor(observed: Observed) {
    this.#observed = observed;
    this.#deployments = byKey(observed.deployments);
    this.#services = byKey(observed.services);
    for (const pod of observed.pods ?? []) {
      const key = podKey(pod.metadata.namespace, pod.metadata.labels);
      const those = this.#pods.get(key);
      if (those) those.push(pod);
      else this.#pods.set(key, [pod]);
    }
  }

  /** The pods of a component in the active environment; `unknown` if pods are not listed. */
  podsOf(api: StoredObject<RestAPI>, component: ComponentName): readonly StoredObject<Pod>[] | 'unknown' {
    if (!this.#observed.pods) return 'unknown';
    const labels = { ...componentSelector(api, component), [ENVIRONMENT_LABEL]: environmentOf(api) };
    return this.#pods.get(podKey(api.metadata.namespace, labels)) ?? [];
  }

  /** The components of a RestAPI in their usual order: enabled ones, and disabled ones that still have objects. */
  rowsOf(api: StoredObject<RestAPI>): ComponentRow[] {
    return COMPONENTS.flatMap((component) => {
      const { namespace } = api.metadata;
      const environment = environmentOf(api);
      const keyTo = (name: string) => keyOf({ metadata: { namespace, name } });
      const deployment = this.#deployments.get(keyTo(environmentObjectName(api, component, environment)));
      const service = this.#services.get(keyTo(componentObjectName(api, component)));
      const labels = { ...componentSelector(api, component), [ENVIRONMENT_LABEL]: environment };
      const pods = this.#pods.get(podKey(namespace, labels));
      // Objects stored with an older CRD may lack defaults.
      const enabled = api.spec?.[component]?.enabled ?? true;
      if (!enabled && !deployment && !pods) return [];
      const { deployments, services } = this.#observed;
      const row: ComponentRow = {
        component,
        ready: deployment ? readyOf(deployment) : deployments ? 'missing' : 'unknown',
        service: service ? addressOf(service) : services ? 'missing' : 'unknown',
        image: imageOf(deployment),
        pods: this.#observed.pods ? count(pods ?? []) : 'unknown',
      };
      return [row];
    });
  }
}

/** Whether a component is complete and all its pods are running. */
export function isComplete({ ready, service, pods }: ComponentRow): boolean {
  if (typeof ready === 'string' || service === 'missing') return false;
  if (ready.is !== ready.desired) return false;
  if (pods === 'unknown') return true;
  return pods.size <= 1 && (pods.get('Running') ?? 0) === ready.desired;
}

function byKey<T extends KubernetesObject>(objects: readonly T[] = []): Map<string, T> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

function podKey(namespace: string | undefined, labels: Record<string, string> = {}): string {
  const {
    'restapi.dev/name': name,
    'restapi.dev/component': component,
    [ENVIRONMENT_LABEL]: environment = 'main',
  } = labels;
  return `${namespace}/${name}/${component}/${environment}`;
}

function environmentOf({ status }: StoredObject<RestAPI>): EnvironmentName {
  return status?.activeEnvironment ?? 'main';
}

function readyOf({ spec, status }: StoredObject<Deployment>): { is: number; desired: number } {
  return { is: status?.readyReplicas ?? 0, desired: spec.replicas };
}

function addressOf(service: StoredObject): string {
  const { ports = [] } = (service as { spec?: { ports?: { port?: number }[] } }).spec ?? {};
  return `${service.metadata.name}:${ports.map(({ port }) => port).join(',')}`;
}

function imageOf(deployment: StoredObject<Deployment> | undefined): string {
  const template = deployment?.spec.template as { spec?: { containers?: { image?: string }[] } } | undefined;
  return template?.spec?.containers?.[0]?.image ?? '';
}

function count(pods: readonly StoredObject<Pod>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const state = podState(pod);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  // A stable order keeps the table from changing with the order of pods.
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b)));
}
