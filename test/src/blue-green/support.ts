import type { StoredObject } from '../../../operator/index.ts';
import type { Deployment, RestAPI, RestAPIStatus, Service } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import { type OperatorCluster, sample } from '../../support/operator-cluster.ts';

/** Pods with this annotation do not become ready while a test runs. */
export const NEVER_READY = { 'pod-ready.stage.kwok.x-k8s.io/delay': '1h' };

/** Pods with this annotation take a while to become ready. */
export const SLOWLY_READY = { 'pod-ready.stage.kwok.x-k8s.io/delay': '3s' };

/** A RestAPI with blue-green releases, two pods a component. A version is proven at once, so no release waits for a trial. */
export function blueGreen(name: string, settings: object = {}, spec: object = {}, namespace?: string): object {
  const own = { enabled: true, scaleDownDelaySeconds: 1, autoRollbackSeconds: 0, ...settings };
  return sample(name, { replicas: 2, blueGreen: own, ...spec }, namespace);
}

/** What a test does with one RestAPI, and sees of it. */
export class App {
  readonly #world: OperatorCluster;
  readonly name: string;
  readonly namespace: string;

  constructor(world: OperatorCluster, name: string, namespace = 'default') {
    this.#world = world;
    this.name = name;
    this.namespace = namespace;
  }

  /** Makes it and waits until its first version serves. */
  static async start(
    world: OperatorCluster,
    name: string,
    settings: object = {},
    spec: object = {},
    namespace?: string,
  ): Promise<App> {
    await world.apply(blueGreen(name, settings, spec, namespace));
    const app = new App(world, name, namespace);
    await app.until(
      'its first version serves',
      ({ phase, activeEnvironment }) => phase === 'Ready' && activeEnvironment === 'blue',
    );
    return app;
  }

  async patch(spec: object): Promise<void> {
    await this.#kubectl('patch', 'restapi', this.name, '--type=merge', '-p', JSON.stringify({ spec }));
  }

  image(tag: string): Promise<void> {
    return this.patch({ image: `registry.example.com/shop:${tag}` });
  }

  /** @param value undefined takes the annotation off */
  async annotate(key: string, value: string | undefined): Promise<void> {
    const what = value === undefined ? `restapi.dev/${key}-` : `restapi.dev/${key}=${value}`;
    await this.#kubectl('annotate', 'restapi', this.name, what, '--overwrite');
  }

  async get(): Promise<StoredObject<RestAPI>> {
    return (await this.#world.restapi(this.name, this.namespace)) as StoredObject<RestAPI>;
  }

  async status(): Promise<RestAPIStatus> {
    return (await this.get()).status ?? {};
  }

  /** The name of the revision that requests go to; empty if there is none. */
  async activeRevision(): Promise<string> {
    return (await this.status()).environments?.find(({ role }) => role === 'active')?.revision ?? '';
  }

  /** Waits for a status that is about the spec as it is now. */
  until(what: string, check: (status: RestAPIStatus) => boolean, timeoutMs?: number): Promise<RestAPIStatus> {
    return this.#world.untilStatus(this.name, what, check, { namespace: this.namespace, timeoutMs });
  }

  /** Waits until requests go to this environment and nothing is being released. */
  untilActive(environment: string, timeoutMs?: number): Promise<RestAPIStatus> {
    return this.until(
      `${environment} is active`,
      (status) => status.activeEnvironment === environment && !status.release,
      timeoutMs,
    );
  }

  /** Waits until an environment has so many pods a component. */
  async untilReplicas(environment: string, count: number, timeoutMs?: number): Promise<void> {
    await eventually(
      async () => {
        const replicas = await this.replicas(environment);
        return replicas.length === 4 && replicas.every((one) => one === count);
      },
      { what: `${count} pods a component in ${environment}`, timeoutMs },
    );
  }

  async replicas(environment: string): Promise<number[]> {
    return (await this.deployments(environment)).map(({ spec }) => spec.replicas);
  }

  deployments(environment: string): Promise<StoredObject<Deployment>[]> {
    return this.#world.list<StoredObject<Deployment>>(
      'deployments',
      '-n',
      this.namespace,
      '-l',
      this.#labels(environment),
    );
  }

  /** Which environment a Service selects. */
  async selected(service: string): Promise<string | undefined> {
    const found = await this.#world.get<StoredObject<Service>>('service', service, this.namespace);
    return found?.spec.selector['restapi.dev/environment'];
  }

  #kubectl(...args: string[]): Promise<string> {
    return this.#world.kubectl('-n', this.namespace, ...args);
  }

  #labels(environment: string): string {
    return `restapi.dev/name=${this.name},restapi.dev/environment=${environment}`;
  }
}
