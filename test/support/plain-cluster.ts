import { type Class, crdYaml, createLogger, customResourceOf, Operator } from '../../operator/index.ts';
import { type ControlPlane, startControlPlane } from '../../operator/testkit/index.ts';
import { established } from './established.ts';
import { kubectl } from './kubectl.ts';

interface Found {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> };
  data?: Record<string, string>;
  status?: Record<string, unknown>;
}

/** An API server without controllers, for an operator that is written with the framework alone. */
export class PlainCluster implements AsyncDisposable {
  readonly #operators: Operator[] = [];

  private constructor(readonly cluster: ControlPlane) {}

  /** @param resource a class of custom resources, which it serves */
  static async serving(resource: Class): Promise<PlainCluster> {
    const plain = new PlainCluster(
      await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 }),
    );
    await plain.kubectl(['create', '-f', '-'], crdYaml(resource));
    const { plural, group } = customResourceOf(resource);
    await established(plain.cluster, `${plural}.${group}`);
    return plain;
  }

  /** Runs one controller until the cluster is stopped. */
  async operate(name: string, controller: Class): Promise<void> {
    const { kubeConfig } = this.cluster;
    const operator = new Operator({ name, kubeConfig, logger: createLogger('error'), controllers: [controller] });
    this.#operators.push(operator);
    await operator.start();
  }

  /** @returns what it printed @throws if it fails, with what it said */
  kubectl(args: string[], input?: string): Promise<string> {
    return kubectl(this.cluster, args, input);
  }

  async apply(object: object): Promise<void> {
    await this.kubectl(['apply', '-f', '-'], JSON.stringify(object));
  }

  /** @returns undefined if there is no such object */
  async get(kind: string, name: string): Promise<Found | undefined> {
    const printed = await this.kubectl(['get', kind, name, '-o', 'json', '--ignore-not-found']);
    return printed === '' ? undefined : JSON.parse(printed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const operator of this.#operators) await operator.stop();
    await this.cluster.stop();
  }
}
