import { COMPONENTS, type ComponentName } from '../../../resources/api/component-name.ts';
import { eventually } from '../../support/eventually.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';
import { type EnvironmentOptions, environmentObjects, frontService, objectName, previewService } from './hand-made.ts';
import { SERVICE_NAME } from './labels.ts';
import { type EndpointSlice, isReady } from './objects.ts';

/** An application that the test itself releases, step by step, where no operator runs. */
export class ManualRelease {
  readonly #world: OperatorCluster;
  readonly #name: string;
  readonly #ports: readonly ComponentName[];

  /** @param ports of the front Service */
  constructor(world: OperatorCluster, name: string, ports: readonly ComponentName[]) {
    this.#world = world;
    this.#name = name;
    this.#ports = ports;
  }

  /** Blue serves. */
  async serve(options: EnvironmentOptions = {}): Promise<void> {
    await this.bringUp('blue', options);
    await this.front('blue');
    await this.complete(options.replicas);
  }

  /** Makes an environment and waits until the preview Service leads to all of it. */
  async bringUp(environment: string, options: EnvironmentOptions = {}): Promise<void> {
    await this.apply(environment, options);
    await this.preview(environment, options.replicas);
  }

  async apply(environment: string, options: EnvironmentOptions = {}): Promise<void> {
    await this.#world.apply(...environmentObjects(this.#name, environment, options));
  }

  /** Points the preview Service at an environment and waits until it leads to as many pods of every component. */
  async preview(environment: string, replicas = 1): Promise<void> {
    await this.#world.apply(previewService(this.#name, environment));
    await this.#complete(`${this.#name}-preview`, COMPONENTS, environment, replicas);
  }

  /** Applies the front Service as it should be. */
  async front(environment: string): Promise<void> {
    await this.#world.apply(frontService(this.#name, environment, this.#ports));
  }

  async switchTo(environment: string): Promise<void> {
    await this.patchFront({ selector: { 'restapi.dev/environment': environment } });
  }

  async patchFront(spec: object): Promise<void> {
    await this.#world.kubectl('patch', 'service', this.#name, '--type=merge', '-p', JSON.stringify({ spec }));
  }

  /** Waits until the front Service's ports lead to as many pods each, of the environment it selects. */
  async complete(replicas = 1): Promise<void> {
    const front = await this.#world.get<{ spec: { selector: Record<string, string> } }>('service', this.#name);
    const environment = front?.spec.selector['restapi.dev/environment'] ?? '';
    await this.#complete(this.#name, this.#ports, environment, replicas);
  }

  async scale(environment: string, replicas: number): Promise<void> {
    await this.#world.kubectl('scale', ...this.deployments(environment), `--replicas=${replicas}`);
  }

  /** Waits until an environment has no pods. */
  async emptied(environment: string): Promise<void> {
    const selector = `restapi.dev/name=${this.#name},restapi.dev/environment=${environment}`;
    await eventually(async () => (await this.#world.list('pods', '-l', selector)).length === 0);
  }

  /** Waits until these Deployments are available. */
  async available(deployments: string[]): Promise<void> {
    await this.#world.kubectl('wait', '--for=condition=Available', ...deployments, '--timeout=90s');
  }

  /** The Deployments of an environment, as kubectl takes them. */
  deployments(environment: string): string[] {
    return COMPONENTS.map((component) => `deployment/${objectName(this.#name, environment, component)}`);
  }

  async #complete(
    service: string,
    ports: readonly ComponentName[],
    environment: string,
    replicas: number,
  ): Promise<void> {
    await eventually(async () => {
      const slices = await this.#world.list<EndpointSlice>('endpointslices', '-l', `${SERVICE_NAME}=${service}`);
      return ports.every((port) => {
        const ready = slices
          .filter((slice) => slice.ports?.some(({ name }) => name === port))
          .flatMap(({ endpoints }) => (endpoints ?? []).filter(isReady));
        const prefix = `${objectName(this.#name, environment, port)}-`;
        return ready.length === replicas && ready.every(({ targetRef }) => targetRef?.name.startsWith(prefix));
      });
    });
  }
}
