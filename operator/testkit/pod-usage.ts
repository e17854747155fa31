import { setTimeout as sleep } from 'node:timers/promises';
import { quantityValue } from '../schema/quantity.ts';
import { type AdminApi, ApiStatusError } from './admin-api.ts';

/** The pods of a namespace with all of these labels, including future pods. */
export interface PodsWithLabels {
  /** Default: `default`. */
  namespace?: string;
  labels: Record<string, string>;
}

/** Usage of each container of a pod: amounts such as `250m` and `64Mi`. Default: 1m and 1Mi. */
export interface Usage {
  cpu?: string;
  memory?: string;
}

/** The usage of a pod, as metrics-server reports it. */
export interface SeenUsage {
  pod: string;
  /** Cores. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const USAGES = '/apis/kwok.x-k8s.io/v1alpha1/clusterresourceusages';
const NAME = 'usage';
const DEFAULTS = { cpu: '1m', memory: '1Mi' };
const POLL_MS = 250;
/** CPU is measured between two scrapes, whose times are not known to the millisecond. */
const TOLERANCE = 0.05;

/** KWOK's own CRD without its schema: one file less to update, and only this kit writes such objects. */
const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'clusterresourceusages.kwok.x-k8s.io',
    annotations: { 'api-approved.kubernetes.io': 'unapproved, of the test kit' },
  },
  spec: {
    group: 'kwok.x-k8s.io',
    names: {
      kind: 'ClusterResourceUsage',
      listKind: 'ClusterResourceUsageList',
      plural: 'clusterresourceusages',
      singular: 'clusterresourceusage',
    },
    scope: 'Cluster',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

/**
 * What pods use, which can be changed at any time. KWOK asks an object of the cluster for it, and with its flag
 * `--enable-crds=ClusterResourceUsage` follows the changes of that.
 */
export class PodUsage {
  readonly #api: AdminApi;
  /** The latest first, which wins. */
  #said: { pods: PodsWithLabels; usage: Usage }[] = [];

  constructor(api: AdminApi) {
    this.#api = api;
  }

  /** Creates the CRD and the object. Call it once, before KWOK starts. @throws Error when the API server does not serve the CRD in time */
  async install(deadlineMs: number): Promise<void> {
    await this.#api.request('POST', CRDS, CRD);
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      try {
        await this.#api.request('POST', USAGES, this.#object());
        return;
      } catch (error) {
        if (!(error instanceof ApiStatusError && error.status === 404) || performance.now() > deadline) throw error;
      }
      await sleep(25);
    }
  }

  /** Sets the usage of pods from now on, replacing an earlier value for the same labels. */
  async set(pods: PodsWithLabels, usage: Usage): Promise<void> {
    const before = this.#said;
    const key = keyOf(pods);
    this.#said = [{ pods, usage }, ...before.filter((one) => keyOf(one.pods) !== key)];
    try {
      await this.#api.request('PATCH', `${USAGES}/${NAME}`, this.#object());
    } catch (error) {
      this.#said = before;
      throw error;
    }
  }

  /** What is seen of the pods by those who ask metrics.k8s.io; pods it does not know yet are left out. */
  async seen({ namespace = 'default', labels }: PodsWithLabels): Promise<SeenUsage[]> {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods?labelSelector=${selectorOf(labels)}`;
    const { items } = (await this.#api.request('GET', path)) as {
      items: { metadata: { name: string }; containers: { usage: { cpu: string; memory: string } }[] }[];
    };
    return items.map(({ metadata, containers }) => ({
      pod: metadata.name,
      cpu: sum(containers.map(({ usage }) => quantityValue(usage.cpu))),
      memory: sum(containers.map(({ usage }) => quantityValue(usage.memory))),
    }));
  }

  /**
   * Waits until every pod there is of these is seen to use this. Pods of several containers use it several times.
   *
   * @throws Error after the deadline, with what is seen then
   */
  async untilSeen(pods: PodsWithLabels, usage: Usage, deadlineMs: number): Promise<SeenUsage[]> {
    const deadline = performance.now() + deadlineMs;
    const { namespace = 'default', labels } = pods;
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${selectorOf(labels)}`;
    for (;;) {
      const [seen, { items }] = await Promise.all([
        this.seen(pods),
        this.#api.request('GET', path) as Promise<{ items: PodSpec[] }>,
      ]);
      const isSeen = items.every(({ metadata, spec }) => {
        const found = seen.find(({ pod }) => pod === metadata.name);
        const times = spec.containers.length;
        return found && close(found.cpu, usage.cpu, times) && close(found.memory, usage.memory, times);
      });
      if (isSeen && items.length > 0) return seen;
      if (performance.now() > deadline) {
        throw new Error(
          `metrics-server does not report ${JSON.stringify(usage)} for the pods ${JSON.stringify(pods)} after ` +
            `${deadlineMs / 1000} s; it reports ${JSON.stringify(seen)} for ${items.length} pods`,
        );
      }
      await sleep(POLL_MS);
    }
  }

  #object() {
    const amount = (resource: 'cpu' | 'memory') => {
      // The annotation of the pod takes precedence.
      const annotation = JSON.stringify(`kwok.x-k8s.io/usage-${resource}`);
      const cases = this.#said.flatMap(({ pods, usage: { [resource]: said } }) =>
        said === undefined ? [] : `${isOf(pods)} ? Quantity(${JSON.stringify(said)}) : `,
      );
      const own = `${annotation} in pod.metadata.annotations ? Quantity(pod.metadata.annotations[${annotation}]) : `;
      return { expression: `${own}${cases.join('')}Quantity("${DEFAULTS[resource]}")` };
    };
    return {
      apiVersion: 'kwok.x-k8s.io/v1alpha1',
      kind: 'ClusterResourceUsage',
      metadata: { name: NAME },
      spec: { usages: [{ usage: { cpu: amount('cpu'), memory: amount('memory') } }] },
    };
  }
}

interface PodSpec {
  metadata: { name: string };
  spec: { containers: object[] };
}

/** In CEL, as KWOK evaluates it for each pod. */
function isOf({ namespace = 'default', labels }: PodsWithLabels): string {
  const terms = Object.entries(labels).map(([name, value]) => {
    const key = JSON.stringify(name);
    return `${key} in pod.metadata.labels && pod.metadata.labels[${key}] == ${JSON.stringify(value)}`;
  });
  return [`pod.metadata.namespace == ${JSON.stringify(namespace)}`, ...terms].join(' && ');
}

function keyOf({ namespace = 'default', labels }: PodsWithLabels): string {
  return JSON.stringify([namespace, Object.entries(labels).sort()]);
}

function selectorOf(labels: Record<string, string>): string {
  return encodeURIComponent(
    Object.entries(labels)
      .map((pair) => pair.join('='))
      .join(','),
  );
}

function close(seen: number, said: string | undefined, times: number): boolean {
  if (said === undefined) return true;
  const expected = quantityValue(said) * times;
  return Math.abs(seen - expected) <= TOLERANCE * expected;
}

function sum(amounts: number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
