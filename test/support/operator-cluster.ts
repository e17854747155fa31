import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { createLogger, format, transports } from 'winston';
import type { Operator, StoredObject } from '../../operator/index.ts';
import {
  type AuditEvent,
  type AuditMark,
  type ControlPlane,
  type ControlPlaneOptions,
  isWrite,
  startControlPlane,
} from '../../operator/testkit/index.ts';
import type { RestAPI, RestAPIStatus } from '../../resources/index.ts';
import { createOperator } from '../../src/create-operator.ts';
import { packageRoot } from '../../src/package/package-root.ts';
import { established } from './established.ts';
import { eventually } from './eventually.ts';
import { kubectl } from './kubectl.ts';
import { Reader } from './reader.ts';
import { untilGranted } from './until-allowed.ts';

/** Every kind the operator generates that every cluster has, as kubectl takes them. */
export const GENERATED_KINDS =
  'configmaps,persistentvolumeclaims,serviceaccounts,services,controllerrevisions,deployments,jobs,horizontalpodautoscalers,ingresses,networkpolicies,poddisruptionbudgets';

const ROOT = packageRoot();
const POD_MONITORS = 'podmonitors.monitoring.coreos.com';
const HTTP_ROUTES = 'httproutes.gateway.networking.k8s.io';
const ACCOUNT = 'restapi-operator';
const NAMESPACE = 'restapi-system';

/** The user the operator is in the cluster: the ServiceAccount that kustomize/base ships, with its rights and no others. */
export const OPERATOR_USER = `system:serviceaccount:${NAMESPACE}:${ACCOUNT}`;

export interface OperatorClusterOptions extends ControlPlaneOptions {
  /** The kustomization that is applied. Default: kustomize/base. */
  kustomization?: string;
}

/** A real cluster with the operator's CRD, ServiceAccount and RBAC as shipped. */
export class OperatorCluster implements AsyncDisposable {
  readonly cluster: ControlPlane;
  /** The operator's own credentials. */
  readonly operatorConfig: KubeConfig;
  readonly #started: (() => Promise<unknown>)[] = [];
  readonly #reader: Reader;
  #kinds = GENERATED_KINDS;
  #spawned = 0;

  private constructor(cluster: ControlPlane, operatorConfig: KubeConfig) {
    this.cluster = cluster;
    this.operatorConfig = operatorConfig;
    this.#reader = new Reader(cluster);
  }

  static async start({ kustomization, ...options }: OperatorClusterOptions = {}): Promise<OperatorCluster> {
    const cluster = await startControlPlane(options);
    try {
      await kubectl(cluster, ['apply', '-k', kustomization ?? join(ROOT, 'kustomize', 'base')]);
      await established(cluster, 'restapis.restapi.dev');
      // Or its first requests may be refused.
      await untilGranted(cluster, NAMESPACE, ACCOUNT);
      return new OperatorCluster(cluster, await cluster.serviceAccountKubeConfig(NAMESPACE, ACCOUNT));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Runs kubectl as administrator. @throws if it fails */
  kubectl(...args: string[]): Promise<string> {
    return kubectl(this.cluster, args);
  }

  /** Applies objects as a user would. @throws if kubectl fails */
  apply(...objects: object[]): Promise<string> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    return kubectl(this.cluster, ['apply', '-f', '-'], JSON.stringify(list));
  }

  /** What `kubectl apply` prints when it refuses. */
  async refusal(object: object): Promise<string> {
    const { exitCode, stdout, stderr } = await this.cluster.kubectl(['apply', '-f', '-'], {
      input: JSON.stringify(object),
    });
    if (exitCode === 0) throw new Error(`this was accepted: ${stdout}`);
    return stderr;
  }

  /** @param kind as kubectl takes it. @returns undefined if there is none */
  get<T = StoredObject>(kind: string, name: string, namespace = 'default'): Promise<T | undefined> {
    return this.#reader.get<T>(kind, name, namespace);
  }

  /** @param kinds as kubectl takes them; @param args see {@link Reader.list} */
  list<T = StoredObject>(kinds: string, ...args: string[]): Promise<T[]> {
    return this.#reader.list<T>(kinds, args);
  }

  /** Makes the cluster serve HTTPRoutes, as an administrator would who installs the Gateway API. No controller acts on them. */
  async installGatewayApi(): Promise<void> {
    await kubectl(this.cluster, ['create', '-f', join(ROOT, 'test', 'fixtures', 'gateway-api')]);
    await established(this.cluster, HTTP_ROUTES);
    this.#kinds = `${this.#kinds},${HTTP_ROUTES}`;
  }

  /** Takes the Gateway API away again, with every HTTPRoute. */
  async uninstallGatewayApi(): Promise<void> {
    this.#kinds = this.#kinds.replace(`,${HTTP_ROUTES}`, '');
    await kubectl(this.cluster, ['delete', 'crd', HTTP_ROUTES, '--timeout=60s']);
  }

  /** Makes the cluster serve PodMonitors, as after an installation of the Prometheus Operator. No controller acts on them. */
  async installPodMonitors(): Promise<void> {
    await kubectl(this.cluster, ['create', '-f', join(ROOT, 'test', 'fixtures', 'prometheus-operator')]);
    await established(this.cluster, POD_MONITORS);
    this.#kinds = `${this.#kinds},${POD_MONITORS}`;
  }

  /** Takes that away again, with every PodMonitor. */
  async uninstallPodMonitors(): Promise<void> {
    this.#kinds = this.#kinds.replace(`,${POD_MONITORS}`, '');
    await kubectl(this.cluster, ['delete', 'crd', POD_MONITORS, '--timeout=60s']);
  }

  /** Everything generated for a RestAPI, or for all of a namespace. */
  generated(name?: string, namespace = 'default'): Promise<StoredObject[]> {
    const selector = name ? `restapi.dev/name=${name}` : `app.kubernetes.io/managed-by=${ACCOUNT}`;
    return this.list(this.#kinds, '-n', namespace, '-l', selector);
  }

  restapi(name: string, namespace?: string): Promise<StoredObject<RestAPI> | undefined> {
    return this.get(`restapis.restapi.dev`, name, namespace);
  }

  /** Waits until a RestAPI is ready in its current spec. @throws after `timeoutMs`, by default a minute, with its status */
  async untilReady(
    name: string,
    { namespace, timeoutMs }: { namespace?: string; timeoutMs?: number } = {},
  ): Promise<void> {
    await this.untilStatus(name, 'it is ready', ({ phase }) => phase === 'Ready', { namespace, timeoutMs });
  }

  /** Waits for a status that is about the spec as it is now. @throws if that takes longer, by default a minute, with the status */
  async untilStatus(
    name: string,
    what: string,
    check: (status: RestAPIStatus) => boolean,
    { namespace, timeoutMs }: { namespace?: string; timeoutMs?: number } = {},
  ): Promise<RestAPIStatus> {
    let last: RestAPIStatus | undefined;
    try {
      return await eventually(
        async () => {
          const { metadata, status } = (await this.restapi(name, namespace)) ?? {};
          last = status;
          return status && status.observedGeneration === metadata?.generation && check(status) ? status : undefined;
        },
        { what, timeoutMs },
      );
    } catch (error) {
      throw new Error(`RestAPI ${name}, ${what}: ${JSON.stringify(last, undefined, 1)}`, { cause: error });
    }
  }

  /** Runs the operator in this process, with its own credentials. */
  async startOperator({ checks, ...options }: Parameters<typeof createOperator>[0] = {}): Promise<Operator> {
    const operator = createOperator({
      kubeConfig: this.operatorConfig,
      logger: this.logger(),
      // No node has to follow anything here.
      checks: { delayMs: 0, ...checks },
      ...options,
    });
    this.#started.push(() => operator.stop(2_000));
    await operator.start();
    return operator;
  }

  /** A logger that writes to operator.log in the cluster's folder. */
  logger() {
    return createLogger({
      level: 'debug',
      format: format.combine(format.timestamp(), format.json()),
      transports: [new transports.File({ filename: join(this.cluster.dir, 'operator.log') })],
    });
  }

  /** Runs the compiled operator as a separate process, with its own credentials by default. */
  async spawnOperator({ runtime, main, cwd, flags, env, kubeConfig }: SpawnOptions = {}): Promise<OperatorProcess> {
    const number = this.#spawned++;
    // One kubeconfig each: several may start at once and reach the cluster in different ways.
    const config = join(this.cluster.dir, `operator-process-${number}.kubeconfig`);
    await writeFile(config, (kubeConfig ?? this.operatorConfig).exportConfig(), { mode: 0o600 });
    const [command = '', ...args] = runtime ?? [process.execPath];
    const program = main ?? join(ROOT, 'dist', 'src', 'main.js');
    const log = join(this.cluster.dir, `operator-process-${number}.log`);
    const child = spawn(command, [...args, program, '--kubeconfig', config, ...(flags ?? [])], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const operator = new OperatorProcess(child, log);
    this.#started.push(() => operator.end('SIGKILL'));
    return operator;
  }

  /** Requests of the operator, all or those since a mark. */
  async operatorRequests(mark?: AuditMark): Promise<AuditEvent[]> {
    const events = await (mark ? this.cluster.auditSince(mark) : this.cluster.auditEvents());
    return events.filter(({ user }) => user.username === OPERATOR_USER);
  }

  /**
   * Writes of the operator since a mark, without Events, as `verb resource[/subresource] name`.
   * @param accepted skips refused writes
   */
  async operatorWrites(mark: AuditMark, accepted = false): Promise<string[]> {
    return (await this.operatorRequests(mark))
      .filter((event) => isWrite(event) && event.objectRef?.resource !== 'events')
      .filter(({ responseStatus }) => !accepted || (responseStatus?.code ?? 0) < 400)
      .map(({ verb, objectRef }) => {
        const { resource, subresource, name } = objectRef ?? {};
        return `${verb} ${resource}${subresource ? `/${subresource}` : ''} ${name}`;
      });
  }

  /**
   * Waits until the operator has written nothing for five seconds, but its Lease: the requested change is complete, including
   * the reported load, which may come last.
   */
  async untilQuiet(): Promise<void> {
    await this.untilNone('write', async (since) =>
      (await this.operatorWrites(since)).filter((write) => !write.includes(' leases ')),
    );
  }

  /** Waits until there was none of these requests for five seconds. @param found those since a mark */
  async untilNone(what: string, found: (since: AuditMark) => Promise<readonly unknown[]>): Promise<void> {
    await eventually(
      async () => {
        const mark = await this.cluster.auditMark();
        await sleep(5_000);
        return (await found(mark)).length === 0;
      },
      { timeoutMs: 120_000, what: `no ${what} in 5 s` },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#started.reverse()) await end();
    await this.#reader.close();
    await this.cluster.stop();
  }
}

/** How to run the operator as a process. */
export interface SpawnOptions {
  /** Command and arguments that run a JavaScript file. Default: Node. */
  runtime?: string[];
  /** The file. Default: the compiled main program. */
  main?: string;
  cwd?: string;
  flags?: string[];
  /** Variables added to this process's own. */
  env?: Record<string, string>;
  kubeConfig?: KubeConfig;
}

/** The operator as a process of its own. */
export class OperatorProcess {
  readonly log: string;
  readonly #child: ChildProcess;
  /** It has ended, and all that it said is in its log. */
  readonly #ended: Promise<unknown>;

  /** @param log the file that its standard error goes to */
  constructor(child: ChildProcess & { stderr: Readable }, log: string) {
    this.#child = child;
    this.log = log;
    const file = createWriteStream(log);
    child.stderr.pipe(file);
    // A program that it has started may hold the file open.
    const written = () => Promise.race([finished(file), sleep(5_000, undefined, { ref: false })]);
    this.#ended = once(child, 'exit').then(written);
    this.#ended.catch(() => {});
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when its log has this text. */
  async says(text: string): Promise<void> {
    await eventually(async () => (await readFile(this.log, 'utf8')).includes(text), {
      everyMs: 20,
      what: `"${text}" in the log`,
    });
  }

  /** Stops it in its tracks, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** Ends it. @returns its exit code, null if the signal ended it */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.running) this.#child.kill(signal);
    await this.#ended;
    return this.#child.exitCode;
  }
}

/** A RestAPI as a user would write it, but for minReadySeconds: tests that are not about it do not wait for it. */
export function sample(name: string, spec: object = {}, namespace = 'default'): object {
  return {
    apiVersion: 'restapi.dev/v1alpha1',
    kind: 'RestAPI',
    metadata: { name, namespace },
    spec: {
      image: 'registry.example.com/shop:1.0.0',
      minReadySeconds: 0,
      envVars: { LOG_LEVEL: 'info' },
      ...spec,
    },
  };
}
