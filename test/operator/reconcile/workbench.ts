import { ApiClient, type KubernetesObject, type ResourceType, type StoredObject } from '../../../operator/index.ts';
import { type TakenStep, takeStep } from '../../../operator/reconcile/apply-step.ts';
import { type DesiredObject, desiredObject, MANAGED_BY } from '../../../operator/reconcile/desired-object.ts';
import { plan } from '../../../operator/reconcile/plan.ts';
import type { StepContext } from '../../../operator/reconcile/step-context.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { kubectl } from '../../support/kubectl.ts';
import { OWNERSHIP } from './ownership.ts';

export interface Deployment extends KubernetesObject {
  spec: {
    replicas?: number;
    selector: object;
    template: {
      metadata?: object;
      spec: {
        containers: { name: string; image: string; args?: string[]; env?: { name: string; value?: string }[] }[];
      };
    };
  };
}

export const DEPLOYMENT: ResourceType = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};

const OWNER: StoredObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'owner', namespace: 'default', uid: 'owner', resourceVersion: '1' },
};

/** What an operator named `test` does to one Deployment, step by step, on an API server without controllers. */
export class Workbench implements AsyncDisposable {
  readonly client: ApiClient;

  private constructor(readonly cluster: ControlPlane) {
    this.client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  }

  static async start(): Promise<Workbench> {
    return new Workbench(await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 }));
  }

  /** A Deployment as a dependent would describe it. @param pod replaces fields of the pod's spec */
  describe(name: string, image: string, spec: object = {}, pod: object = {}, fieldManager = 'test'): DesiredObject {
    const description = {
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image }], ...pod } },
        ...spec,
      },
    };
    const identity = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespaced: true,
      dependent: 'Pods',
      retained: false,
    };
    return desiredObject(description, { ...identity, externallyManaged: [] }, OWNER, { ...OWNERSHIP, fieldManager });
  }

  /** Plans from an observed object and takes the step. @param looked the observed object; default: read now */
  async bring(
    desired: DesiredObject,
    context: Partial<StepContext> = {},
    looked?: StoredObject | 'nothing',
  ): Promise<TakenStep> {
    const { name } = desired.metadata;
    const observed = looked === 'nothing' ? [] : [looked ?? (await this.look(name))].flatMap((one) => one ?? []);
    const ownership = { ...OWNERSHIP, fieldManager: desired.metadata.labels[MANAGED_BY] ?? '' };
    const full = this.context({ ownership, ...context });
    const [step] = plan([desired], observed, 'owner', ownership, full.externallyManaged, full);
    if (!step) throw new Error('nothing was planned');
    return takeStep(step, full);
  }

  context(context: Partial<StepContext> = {}): StepContext {
    const signal = AbortSignal.timeout(60_000);
    return {
      client: this.client,
      type: DEPLOYMENT,
      ownerUid: 'owner',
      ownership: OWNERSHIP,
      externallyManaged: [],
      signal,
      ...context,
    };
  }

  /** As a cache shows it: without managedFields. @returns undefined if there is none */
  async look(name: string): Promise<StoredObject<Deployment> | undefined> {
    const object = await this.live(name);
    if (object) delete object.metadata.managedFields;
    return object;
  }

  async live(name: string): Promise<StoredObject<Deployment> | undefined> {
    const { stdout } = await this.cluster.kubectl([
      'get',
      'deployment',
      name,
      '-o',
      'json',
      '--ignore-not-found',
      '--show-managed-fields',
    ]);
    return stdout === '' ? undefined : JSON.parse(stdout);
  }

  kubectl(...args: string[]): Promise<string> {
    return kubectl(this.cluster, args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.cluster.stop();
  }
}

/** The image of a Deployment's only container. */
export function imageOf(object: StoredObject | undefined): string | undefined {
  return (object as Deployment | undefined)?.spec.template.spec.containers[0]?.image;
}
