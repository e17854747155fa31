import { randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { AdminApi, ApiStatusError } from './admin-api.ts';
import { AUDIT_POLICY, type AuditEvent, type AuditMark, endOfAuditLog, readAuditLog } from './audit.ts';
import { ensureBinaries, type Progress } from './binaries.ts';
import { CertificateAuthority, type ClientIdentity, createSigningKeys, type KeyPairPem } from './certificates.ts';
import { createClusterFolder, defaultParentFolder, removeLeftovers } from './cluster-folder.ts';
import { ComponentError, logTail } from './component-error.ts';
import { type ClusterLayout, type ComponentName, clusterFiles, componentArgs, FRONT_PROXY } from './components.ts';
import { buildKubeConfig } from './kube-config.ts';
import { isNodeUsable, kwokConfig, type NodeOptions, nodeObject } from './kwok-config.ts';
import { metricsAnnotation, registerMetricsServer } from './metrics-server.ts';
import { type PodsWithLabels, PodUsage, type SeenUsage, type Usage } from './pod-usage.ts';
import { freePorts } from './ports.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { SupervisorClient } from './supervisor-client.ts';

/** What a test cluster consists of. */
export interface ControlPlaneOptions {
  /** Run kube-controller-manager (Deployments get pods, objects get garbage-collected). Default true. */
  controllerManager?: boolean;
  /** Run kube-scheduler. Default true. */
  scheduler?: boolean;
  /** Fake nodes `node-0`, `node-1`, … on which KWOK plays pods. Default 1; 0 = no KWOK. */
  kwokNodes?: number;
  /**
   * Run metrics-server, so that autoscalers see what pods use: what `setUsage` says, or their annotations
   * `kwok.x-k8s.io/usage-cpu` and `kwok.x-k8s.io/usage-memory`, 10 to 20 s later. Autoscalers then look every second and
   * go down after 5 s. Needs kwokNodes. Default false.
   */
  metrics?: boolean;
  /** More KWOK configuration (YAML documents, for example stages that make pods fail), added to the kit's own. */
  kwokConfig?: string[];
  /** More flags for kube-apiserver; they win over the kit's own. */
  apiServerFlags?: string[];
  /** More flags for kube-controller-manager; they win over the kit's own. */
  controllerManagerFlags?: string[];
  /** Keep an audit log (`auditEvents`). Default true. */
  audit?: boolean;
  /** The folder in which the cluster's own folder is made. Default: a folder in the system's one for temporary files. */
  dir?: string;
  /** Hears of binaries being fetched or built, which may take minutes on a machine's first start. */
  onProgress?: (progress: Progress) => void;
  /** The environment in which binaries are looked for. Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** Gives up fetching and building binaries. */
  signal?: AbortSignal;
}

export interface KubectlOptions {
  /** What kubectl reads from its standard input (`apply -f -`). */
  input?: string;
  /** As whom it runs. Default: the administrator. */
  kubeConfig?: KubeConfig;
}

/** etcd's data at one moment. Made by {@link ControlPlane.snapshot}, valid until the cluster is stopped. */
export interface Snapshot {
  /** Where it is kept. */
  readonly dir: string;
  /** The cluster's resourceVersion at that moment, or a little before it. */
  readonly revision: bigint;
}

export interface RestoreOptions {
  /**
   * Raises the revision past this one before controller manager, scheduler and KWOK run again, so that the server's history is
   * another one although its versions are higher than those that clients know. Keep your own clients away until restore()
   * returns, for example behind a closed fault proxy.
   */
  raisePast?: bigint;
}

const READY_DEADLINE_MS = 60_000;
/** Cheap writes under way at once while the revision is raised. */
const RAISING_WRITES = 20;
/** metrics-server looks every 10 s, and knows the CPU of a new pod only at the second look. */
const USAGE_DEADLINE_MS = 60_000;
const POLL_MS = 25;
const PORT_TRIES = 5;

/**
 * Starts a real Kubernetes API server with all it needs, on free ports of 127.0.0.1 and in a folder of its own; several can run
 * side by side. Resolves when the API server is ready and, if asked for, its fake nodes take pods.
 *
 * Nothing is left behind, however this process ends: stop(), an error, Ctrl-C or kill -9.
 *
 * @throws Error when the options do not go together
 * @throws BinariesError when a binary can neither be found, downloaded nor built
 * @throws ComponentError when a component fails or is not ready in a minute, with the tail of its log
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const names: ComponentName[] = ['etcd', 'kube-apiserver'];
  if (options.controllerManager ?? true) names.push('kube-controller-manager');
  if (options.scheduler ?? true) names.push('kube-scheduler');
  if ((options.kwokNodes ?? 1) > 0) names.push('kwok');
  if (options.metrics) {
    if (!names.includes('kwok')) throw new Error('the option metrics needs KWOK: set kwokNodes > 0');
    names.push('metrics-server');
  }
  const { onProgress, env, signal } = options;
  const binaries = await ensureBinaries(names, { onProgress, env, signal });

  const parent = options.dir ?? defaultParentFolder();
  await removeLeftovers(parent);
  for (let tries = 1; ; tries++) {
    const cluster = new ControlPlane(await createClusterFolder(parent), binaries, options);
    try {
      await cluster.start(names);
      return cluster;
    } catch (error) {
      await cluster.stop();
      // Between finding a port free and binding it another process may have taken it.
      if (!(error instanceof ComponentError && error.portTaken) || tries === PORT_TRIES) throw error;
    }
  }
}

/** A running test cluster. Made by {@link startControlPlane}. */
export class ControlPlane implements AsyncDisposable {
  /** The cluster's folder: data, certificates, logs (`<component>.log`). Removed by stop(). */
  readonly dir: string;
  readonly #binaries: ReadonlyMap<string, string>;
  readonly #options: ControlPlaneOptions;
  readonly #supervisor: SupervisorClient;
  readonly #files: ReturnType<typeof clusterFiles>;
  #layout: ClusterLayout | undefined;
  #authority: CertificateAuthority | undefined;
  #admin: { api: AdminApi; credentials: KeyPairPem } | undefined;
  #usage: PodUsage | undefined;
  #stopped: Promise<void> | undefined;

  /** Use {@link startControlPlane}. */
  constructor(dir: string, binaries: ReadonlyMap<string, string>, options: ControlPlaneOptions) {
    this.dir = dir;
    this.#binaries = binaries;
    this.#options = options;
    this.#files = clusterFiles(dir);
    this.#supervisor = new SupervisorClient(dir);
  }

  /** The API server's address, `https://127.0.0.1:<port>`. */
  get server(): string {
    return `https://127.0.0.1:${this.#started.layout.apiServerPort}`;
  }

  /** A kubeconfig file of the administrator (readable by this user only). */
  get kubeconfigPath(): string {
    return this.#files.kubeconfig('admin');
  }

  /** The administrator (group system:masters: no authorization check applies). */
  get kubeConfig(): KubeConfig {
    const { authority, admin } = this.#started;
    return buildKubeConfig(this.server, authority.cert, 'admin', admin.credentials);
  }

  /** The API server's certificate authority, PEM. */
  get caCert(): string {
    return this.#started.authority.cert;
  }

  /** Process numbers of what runs now, by component, and of the supervisor that owns them. */
  get pids(): Record<string, number> {
    return { ...Object.fromEntries(this.#supervisor.pids), supervisor: this.#supervisor.pid };
  }

  /** Starts the components; called once, by {@link startControlPlane}. */
  async start(names: ComponentName[]): Promise<void> {
    const [[etcdPort = 0, apiServerPort = 0, serverPort = 0, kwokPort = 0]] = await Promise.all([
      freePorts(4),
      this.#writePki(),
    ]);
    this.#layout = {
      dir: this.dir,
      etcdPort,
      apiServerPort,
      ...(this.#options.metrics && { metrics: { serverPort, kwokPort } }),
      audit: this.#options.audit ?? true,
      apiServerFlags: this.#options.apiServerFlags ?? [],
      controllerManagerFlags: this.#options.controllerManagerFlags ?? [],
    };
    await Promise.all([this.#writeConfigs(names), this.startEtcd()]);
    await this.#startComponent('kube-apiserver');
    // The others would find half of their rights missing before this, and ask again only a second later.
    await this.#waitForApiServer();
    const { metrics } = this.#layout;
    if (metrics) {
      const { api } = this.#started.admin;
      this.#usage = new PodUsage(api);
      await Promise.all([registerMetricsServer(api, metrics.serverPort), this.#usage.install(READY_DEADLINE_MS)]);
    }
    const rest = names.filter((name) => name !== 'etcd' && name !== 'kube-apiserver');
    await Promise.all(rest.map((name) => this.#startComponent(name)));
    const nodes = Array.from({ length: this.#options.kwokNodes ?? 1 }, (_, index) => this.addNode(`node-${index}`));
    await Promise.all([...nodes, this.#waitForServiceAccount(), this.#waitForMetricsServer()]);
  }

  /** A kubeconfig for a user with a new client certificate of its own. The user needs RBAC rules to be allowed anything. */
  async kubeConfigFor(identity: ClientIdentity): Promise<KubeConfig> {
    const { authority } = this.#started;
    return buildKubeConfig(this.server, authority.cert, identity.name, await authority.issueClient(identity));
  }

  /**
   * A kubeconfig with a token of a service account, which must exist (TokenRequest API).
   *
   * @param expirationSeconds how long the token is valid; the API server takes 600 or more. Default 3600.
   * @param pod the pod that the token is bound to, as those are that the kubelet gives to pods. Default: none.
   * @throws ApiStatusError when the API server refuses, for example for lack of the account
   */
  async serviceAccountKubeConfig(
    namespace: string,
    name: string,
    expirationSeconds = 3600,
    pod?: { name: string; uid: string },
  ): Promise<KubeConfig> {
    const { authority, admin } = this.#started;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
    const answer = (await admin.api.request('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds, ...(pod && { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...pod } }) },
    })) as { status: { token: string } };
    return buildKubeConfig(this.server, authority.cert, `system:serviceaccount:${namespace}:${name}`, answer.status);
  }

  /** Ends the API server and waits until it is gone. @throws Error when it does not run */
  killApiServer(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.kill('kube-apiserver', signal);
  }

  /** Starts the API server again, with the same port and data, and waits until it is ready. @throws ComponentError */
  async startApiServer(): Promise<void> {
    await this.startComponent('kube-apiserver');
  }

  /** Stops the API server in its tracks (SIGSTOP): connections stay open, nothing answers. */
  pauseApiServer(): Promise<void> {
    return this.pause('kube-apiserver');
  }

  /** Lets a paused API server go on. */
  resumeApiServer(): Promise<void> {
    return this.resume('kube-apiserver');
  }

  /** Starts etcd (again) and waits until it serves. @throws ComponentError */
  async startEtcd(): Promise<void> {
    await this.startComponent('etcd');
  }

  /** Ends a component and waits until it is gone. @throws Error when it does not run */
  kill(component: ComponentName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.#supervisor.end(component, signal);
  }

  /** Stops a component in its tracks (SIGSTOP). @throws Error when it does not run */
  pause(component: ComponentName): Promise<void> {
    return this.#supervisor.signal(component, 'SIGSTOP');
  }

  /** Lets a paused component go on. @throws Error when it does not run */
  resume(component: ComponentName): Promise<void> {
    return this.#supervisor.signal(component, 'SIGCONT');
  }

  /**
   * Starts a component that was killed; waits until etcd serves or the API server is ready (for the others there is nothing to
   * wait for).
   *
   * @throws ComponentError when it fails; Error when it runs already
   */
  async startComponent(component: ComponentName): Promise<void> {
    const { size: logStart } = await stat(this.#files.log(component)).catch(() => ({ size: 0 }));
    await this.#startComponent(component);
    if (component === 'kube-apiserver') await this.#waitForApiServer();
    if (component === 'etcd') await this.#waitForEtcd(logStart);
  }

  /** The revision of etcd, which every write raises: the resourceVersion of a list read now. */
  async revision(): Promise<bigint> {
    const path = '/api/v1/namespaces?limit=1';
    const list = (await this.#started.admin.api.request('GET', path)) as { metadata: { resourceVersion: string } };
    return BigInt(list.metadata.resourceVersion);
  }

  /**
   * Raises the revision past another one, by writes of a ConfigMap `testkit-revision` in the namespace default.
   *
   * @throws ApiStatusError when the API server refuses
   */
  async raiseRevision(past: bigint): Promise<void> {
    const { api } = this.#started.admin;
    const path = '/api/v1/namespaces/default/configmaps';
    const metadata = { name: 'testkit-revision' };
    const found = await api.request('GET', `${path}/${metadata.name}`).catch(() => undefined);
    if (found === undefined) await api.request('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    let left = past - (await this.revision());
    const writer = async () => {
      while (left >= 0n) {
        left -= 1n;
        await api.request('PATCH', `${path}/${metadata.name}`, { data: { left: `${left} ${randomUUID()}` } });
      }
    };
    await Promise.all(Array.from({ length: RAISING_WRITES }, writer));
  }

  /**
   * Copies etcd's data as it is now. etcd stands still meanwhile (some 0.1 s) and goes on as if nothing had happened; what is
   * copied is what a crash at that moment would have left.
   *
   * @throws Error when etcd does not run
   */
  async snapshot(): Promise<Snapshot> {
    const revision = await this.revision();
    const dir = join(this.dir, `snapshot-${randomUUID()}`);
    await this.pause('etcd');
    try {
      await cp(this.#files.etcdData, dir, { recursive: true });
    } finally {
      await this.resume('etcd');
    }
    return { dir, revision };
  }

  /**
   * Puts etcd's data back to a snapshot, as an administrator would after a disaster: ends everything, restores the data, starts
   * everything again. resourceVersions go back; what was written after the snapshot never happened. The snapshot can be used
   * again. The audit log goes on: it also tells of the lost history.
   *
   * @returns when the API server is ready and the rest has been started
   * @throws ComponentError when a component does not start
   */
  async restore(snapshot: Snapshot, { raisePast }: RestoreOptions = {}): Promise<void> {
    const running = Object.keys(this.pids).filter((name) => name !== 'supervisor') as ComponentName[];
    await Promise.all(running.map((name) => this.kill(name)));
    await rm(this.#files.etcdData, { recursive: true, force: true });
    await cp(snapshot.dir, this.#files.etcdData, { recursive: true });
    await this.startEtcd();
    await this.startApiServer();
    if (raisePast !== undefined) await this.raiseRevision(raisePast);
    const rest = running.filter((name) => name !== 'etcd' && name !== 'kube-apiserver');
    if (rest.includes('kwok')) {
      // Of a node whose lease another KWOK holds, this one waits for 40 s.
      const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
      await this.#started.admin.api.request('DELETE', leases);
    }
    await Promise.all(rest.map((name) => this.startComponent(name)));
  }

  /**
   * A certificate for a server on this machine (127.0.0.1, localhost) that clients trust which trust the API server: for
   * admission webhooks played by a test.
   */
  issueServerCertificate(name: string): Promise<KeyPairPem> {
    return this.#started.authority.issueServer(name, [
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ]);
  }

  /** Runs kubectl against this cluster. Does not throw for a failing exit code. @throws BinariesError when there is no kubectl */
  async kubectl(args: string[], options: KubectlOptions = {}): Promise<ProgramResult> {
    const { onProgress, env, signal } = this.#options;
    const path = (await ensureBinaries(['kubectl'], { onProgress, env, signal })).get('kubectl') ?? 'kubectl';
    const config = options.kubeConfig ? join(this.dir, `${randomUUID()}.kubeconfig`) : this.kubeconfigPath;
    if (options.kubeConfig) await writeFile(config, options.kubeConfig.exportConfig(), { mode: 0o600 });
    try {
      return await runProgram(path, args, {
        ...(options.input === undefined ? {} : { input: options.input }),
        // The cluster's folder as home: kubectl's discovery cache must neither be read from nor written to the user's.
        env: { PATH: process.env.PATH, HOME: this.dir, KUBECONFIG: config },
      });
    } finally {
      if (options.kubeConfig) await rm(config, { force: true });
    }
  }

  /** All requests so far, in the order in which they ended. @throws Error when the cluster keeps no audit log */
  auditEvents(): Promise<AuditEvent[]> {
    return this.auditSince(0);
  }

  /** A mark for {@link auditSince}: the requests that have ended by now are before it. */
  async auditMark(): Promise<AuditMark> {
    return endOfAuditLog(this.#auditLog());
  }

  /** The requests that ended after a mark. */
  async auditSince(mark: AuditMark): Promise<AuditEvent[]> {
    return readAuditLog(this.#auditLog(), mark);
  }

  /** Adds a fake node and waits until pods can be scheduled to it. @throws Error when the cluster runs without KWOK */
  async addNode(name: string, options: NodeOptions = {}): Promise<void> {
    if (!this.#binaries.has('kwok')) throw new Error('this cluster has no KWOK: start it with kwokNodes > 0');
    const { api } = this.#started.admin;
    const annotations = { ...(this.#options.metrics && metricsAnnotation(name)), ...options.annotations };
    await api.request('POST', '/api/v1/nodes', nodeObject(name, { ...options, annotations }));
    const taintsAreRemoved = this.#binaries.has('kube-controller-manager');
    await this.#waitFor('kwok', `did not make node ${name} ready`, async () => {
      const node = await api.request('GET', `/api/v1/nodes/${name}`);
      if (!isNodeUsable(node, taintsAreRemoved)) throw new Error('not ready yet');
    });
  }

  /** Deletes a node. Its pods stay until the controller manager notices, as on a node that is lost. */
  async removeNode(name: string): Promise<void> {
    await this.#started.admin.api.request('DELETE', `/api/v1/nodes/${name}`);
  }

  /**
   * Makes a node stop answering, for good: nobody says anything of it or its pods any more. The controller manager notices
   * after its --node-monitor-grace-period, 50 s by default.
   */
  async silenceNode(name: string): Promise<void> {
    // KWOK leaves alone a node whose lease somebody else holds. Of a lease that changed without being renewed the
    // controller manager believes that its cache is late, and waits.
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: 'nobody', leaseDurationSeconds: 86_400, renewTime };
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;
    await this.#started.admin.api.request('PATCH', path, { spec });
  }

  /**
   * Says what each container of these pods uses from now on, of pods to come as well. Said again of the same labels, it
   * counts in place of what was said before; of several that fit a pod, the last one counts; before all, the pod's own
   * annotations. metrics-server knows it 10 to 20 s later ({@link waitForUsage}).
   *
   * @throws Error when the cluster runs without metrics
   */
  setUsage(pods: PodsWithLabels, usage: Usage): Promise<void> {
    return this.#metered.set(pods, usage);
  }

  /** What metrics-server tells of these pods, as far as it knows them. @throws Error when the cluster runs without metrics */
  usageOf(pods: PodsWithLabels): Promise<SeenUsage[]> {
    return this.#metered.seen(pods);
  }

  /**
   * Waits until metrics-server tells of every one of these pods that it uses this (CPU: within 5 %).
   *
   * @throws Error after a minute, with what it tells instead, or when the cluster runs without metrics
   */
  waitForUsage(pods: PodsWithLabels, usage: Usage): Promise<SeenUsage[]> {
    return this.#metered.untilSeen(pods, usage, USAGE_DEADLINE_MS);
  }

  get #metered(): PodUsage {
    if (this.#usage === undefined) throw new Error('this cluster has no metrics: start it with metrics: true');
    return this.#usage;
  }

  /** The last lines of a component's log. */
  log(component: ComponentName, lines = 100): Promise<string> {
    return logTail(this.#files.log(component), lines);
  }

  /** Ends all processes, removes the folder. May be called again. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#admin?.api.close();
      await this.#supervisor.shutdown();
    })();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  get #started(): {
    layout: ClusterLayout;
    authority: CertificateAuthority;
    admin: { api: AdminApi; credentials: KeyPairPem };
  } {
    const [layout, authority, credentials] = [this.#layout, this.#authority, this.#adminCredentials];
    if (layout === undefined || authority === undefined || credentials === undefined) {
      throw new Error('the cluster has not been started');
    }
    this.#admin ??= { api: new AdminApi(layout.apiServerPort, authority.cert, credentials), credentials };
    return { layout, authority, admin: this.#admin };
  }

  #adminCredentials: KeyPairPem | undefined;

  #auditLog(): string {
    if (!this.#started.layout.audit) throw new Error('this cluster keeps no audit log: start it with audit: true');
    return this.#files.auditLog;
  }

  async #writePki(): Promise<void> {
    const [authority, serviceAccount] = await Promise.all([
      CertificateAuthority.create('k8s-operator-testkit'),
      createSigningKeys(),
      mkdir(this.#files.pki, { recursive: true, mode: 0o700 }),
    ]);
    const [serving, admin, proxy] = await Promise.all([
      authority.issueServer('kube-apiserver', [
        { type: 'dns', value: 'localhost' },
        { type: 'dns', value: 'kubernetes.default.svc' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '10.96.0.1' },
      ]),
      authority.issueClient({ name: 'admin', groups: ['system:masters'] }),
      authority.issueClient({ name: FRONT_PROXY }),
    ]);
    this.#authority = authority;
    this.#adminCredentials = admin;
    await Promise.all([
      writePrivate(this.#files.caCert, authority.cert),
      writePrivate(this.#files.servingCert, serving.cert),
      writePrivate(this.#files.servingKey, serving.key),
      writePrivate(this.#files.frontProxyCert, proxy.cert),
      writePrivate(this.#files.frontProxyKey, proxy.key),
      writePrivate(this.#files.serviceAccountKey, serviceAccount.privateKey),
      writePrivate(this.#files.serviceAccountPublicKey, serviceAccount.publicKey),
      writePrivate(this.#files.auditPolicy, AUDIT_POLICY),
    ]);
  }

  async #writeConfigs(names: ComponentName[]): Promise<void> {
    const users: Partial<Record<ComponentName, ClientIdentity>> = {
      'kube-controller-manager': { name: 'system:kube-controller-manager' },
      'kube-scheduler': { name: 'system:kube-scheduler' },
      // Not an ordinary user of a cluster: it plays kubelets, and its requests are told from an administrator's by the name.
      kwok: { name: 'kwok', groups: ['system:masters'] },
      'metrics-server': { name: 'metrics-server', groups: ['system:masters'] },
    };
    await Promise.all([
      writePrivate(this.kubeconfigPath, this.kubeConfig.exportConfig()),
      ...names.map(async (name) => {
        const user = users[name];
        if (user === undefined) return;
        await writePrivate(this.#files.kubeconfig(name), (await this.kubeConfigFor(user)).exportConfig());
      }),
      ...(names.includes('kwok') ? [this.#writeKwokConfig()] : []),
    ]);
  }

  async #writeKwokConfig(): Promise<void> {
    const { kwokConfig: extra = [], metrics = false } = this.#options;
    await writePrivate(this.#files.kwokConfig, await kwokConfig(extra, metrics));
  }

  async #startComponent(name: ComponentName): Promise<void> {
    const { layout } = this.#started;
    const file = this.#binaries.get(name);
    if (file === undefined)
      throw new Error(`this cluster runs without ${name}: enable it in the options of startControlPlane()`);
    await this.#supervisor.start({ name, file, args: componentArgs(name, layout), logFile: this.#files.log(name) });
  }

  async #waitForEtcd(logStart: number): Promise<void> {
    // Its log, not its port: on the port another cluster's etcd might answer, and this API server must never talk to that.
    await this.#waitFor('etcd', 'does not serve', async () => {
      const log = await readFile(this.#files.log('etcd'));
      if (!log.includes('ready to serve client requests', logStart)) throw new Error('not yet');
    });
  }

  async #waitForApiServer(): Promise<void> {
    const { api } = this.#started.admin;
    await this.#waitFor('kube-apiserver', 'is not ready', () => api.request('GET', '/readyz', undefined, 2000));
  }

  /** Pods are refused in a namespace until the controller manager has made its service account. */
  async #waitForServiceAccount(): Promise<void> {
    if (!this.#binaries.has('kube-controller-manager')) return;
    const path = '/api/v1/namespaces/default/serviceaccounts/default';
    const { api } = this.#started.admin;
    await this.#waitFor('kube-controller-manager', 'did not create the default ServiceAccount', () =>
      api.request('GET', path),
    );
  }

  async #waitForMetricsServer(): Promise<void> {
    if (!this.#binaries.has('metrics-server')) return;
    const { api } = this.#started.admin;
    await this.#waitFor('metrics-server', 'is not ready', () => api.request('GET', '/apis/metrics.k8s.io/v1beta1'));
  }

  /** Tries until it works. @throws ComponentError when the component ends or the deadline passes */
  async #waitFor(component: ComponentName, failure: string, attempt: () => Promise<unknown>): Promise<void> {
    const deadline = Date.now() + READY_DEADLINE_MS;
    for (;;) {
      const error = await attempt().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return;
      const exit = this.#supervisor.exitOf(component);
      if (exit !== undefined) {
        const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
        throw new ComponentError(component, `ended (${how})`, await this.log(component, 25));
      }
      if (Date.now() > deadline) {
        const why = error instanceof ApiStatusError ? `: ${error.message}` : '';
        throw new ComponentError(
          component,
          `${failure} after ${READY_DEADLINE_MS / 1000} s${why}`,
          await this.log(component, 25),
        );
      }
      await sleep(POLL_MS);
    }
  }
}

function writePrivate(path: string, text: string): Promise<void> {
  return writeFile(path, text, { mode: 0o600 });
}
