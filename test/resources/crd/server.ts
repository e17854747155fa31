import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { crdYaml } from '../../../operator/index.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { RestAPI } from '../../../resources/index.ts';
import { established } from '../../support/established.ts';

const PATH = '/apis/restapi.dev/v1alpha1/namespaces/default/restapis';

/** Response of the API server to an object. */
export interface Answer {
  accepted: boolean;
  /** The object as stored; undefined if it was rejected. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read arbitrary fields
  object: any;
  message: string;
  /** Fields that the API server reported as invalid. */
  fields: string[];
}

/** An API server with the RestAPI CRD, accessed with raw JSON. */
export class Server {
  readonly cluster: ControlPlane;
  /** Output of kubectl when the CRD was created, warnings included. */
  readonly created: string;
  readonly #agent: Agent;

  private constructor(cluster: ControlPlane, created: string) {
    this.cluster = cluster;
    this.created = created;
    const { kubeConfig } = cluster;
    const decode = (data?: string) => Buffer.from(data ?? '', 'base64');
    const user = kubeConfig.getCurrentUser();
    const ca = decode(kubeConfig.getCurrentCluster()?.caData);
    this.#agent = new Agent({ connect: { ca, cert: decode(user?.certData), key: decode(user?.keyData) } });
  }

  static async start(): Promise<Server> {
    const cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
    const { stdout, stderr } = await cluster.kubectl(['create', '-f', '-'], { input: crdYaml(RestAPI) });
    await established(cluster, 'restapis.restapi.dev');
    const server = new Server(cluster, stdout + stderr);
    // The kind is served shortly after the CRD is established, and the namespace is created shortly after the start.
    while (!(await server.tryCreate(sample('first'))).accepted) await sleep(50);
    return server;
  }

  /** Validates an object by a dry run. */
  tryCreate(object: unknown, query = 'fieldValidation=Strict'): Promise<Answer> {
    return this.#send('POST', `${PATH}?dryRun=All&${query}`, object);
  }

  create(object: unknown): Promise<Answer> {
    return this.#send('POST', `${PATH}?fieldValidation=Strict`, object);
  }

  /** Applies an object by server-side apply. */
  apply(name: string, object: object): Promise<Answer> {
    const query = 'fieldManager=test&force=true&fieldValidation=Strict';
    return this.#send('PATCH', `${PATH}/${name}?${query}`, object, 'application/apply-patch+yaml');
  }

  mergePatch(name: string, patch: object): Promise<Answer> {
    const query = 'fieldManager=test&fieldValidation=Strict';
    return this.#send('PATCH', `${PATH}/${name}?${query}`, patch, 'application/merge-patch+json');
  }

  async kubectl(...args: string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await this.cluster.kubectl(args);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  }

  async stop(): Promise<void> {
    await this.#agent.close();
    await this.cluster.stop();
  }

  async #send(
    method: 'POST' | 'PATCH',
    path: string,
    object: unknown,
    contentType = 'application/json',
  ): Promise<Answer> {
    const { statusCode, body } = await request(`${this.cluster.server}${path}`, {
      dispatcher: this.#agent,
      method,
      headers: { 'content-type': contentType },
      body: JSON.stringify(object),
    });
    const answer = JSON.parse(await body.text());
    if (statusCode < 300) return { accepted: true, object: answer, message: '', fields: [] };
    if (statusCode >= 500) throw new Error(answer.message);
    const causes: { field?: string }[] = answer.details?.causes ?? [];
    const unknown = [...answer.message.matchAll(/unknown field "([^"]+)"/g)].map(([, field]) => field);
    const fields = [...causes.map(({ field = '' }) => field), ...unknown].filter((field) => field && field !== '<nil>');
    return { accepted: false, object: undefined, message: answer.message, fields: fields.map(plainPath) };
  }
}

/** Normalizes map keys in a path to dot notation: the API server uses brackets for some of them. */
export function plainPath(field: string): string {
  return field.replace(/\[([^\]\d][^\]]*)\]/g, '.$1');
}

/** Returns a RestAPI that is valid unless `spec` makes it invalid. */
export function sample(name: string, spec: unknown = {}): object {
  return {
    apiVersion: 'restapi.dev/v1alpha1',
    kind: 'RestAPI',
    metadata: { name, namespace: 'default' },
    spec: typeof spec === 'object' && spec !== null ? { image: 'registry.example.com/shop:1.2', ...spec } : spec,
  };
}
