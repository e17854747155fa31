import { stat } from 'node:fs/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { AdminApi } from './admin-api.ts';
import type { CertificateAuthority, ClientIdentity, KeyPairPem } from './certificates.ts';
import { writeConfigs, writePki } from './cluster-setup.ts';
import { logTail } from './component-error.ts';
import { type ClusterLayout, type ComponentName, clusterFiles, componentArgs } from './components.ts';
import type { ControlPlaneOptions } from './control-plane-options.ts';
import { buildKubeConfig } from './kube-config.ts';
import { registerMetricsServer } from './metrics-server.ts';
import { removeClusterFolder } from './node/cgroups.ts';
import { ensureNetTools } from './node/net-tools.ts';
import { GATEWAY_IP } from './node/node-config.ts';
import { RealNodes } from './node/real-nodes.ts';
import { PodUsage } from './pod-usage.ts';
import { freePorts } from './ports.ts';
import { READY_DEADLINE_MS, Readiness } from './readiness.ts';
import { requestToken } from './service-account-token.ts';
import { SupervisorClient } from './supervisor-client.ts';

/** The processes of a test cluster: started, killed, paused and ended. See `ControlPlane` for what tests do with the cluster. */
export abstract class ClusterProcesses implements AsyncDisposable {
  /** The cluster's folder: data, certificates, logs (`<component>.log`). Removed by stop(). */
  readonly dir: string;
  protected readonly binaries: ReadonlyMap<string, string>;
  protected readonly options: ControlPlaneOptions;
  readonly #supervisor: SupervisorClient;
  protected readonly files: ReturnType<typeof clusterFiles>;
  protected readonly readiness: Readiness;
  #names: readonly ComponentName[] = [];
  #layout: ClusterLayout | undefined;
  #authority: CertificateAuthority | undefined;
  #admin: { api: AdminApi; credentials: KeyPairPem } | undefined;
  protected usage: PodUsage | undefined;
  protected nodes: RealNodes | undefined;
  #preparing: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  /** Use `startControlPlane()`. */
  constructor(dir: string, binaries: ReadonlyMap<string, string>, options: ControlPlaneOptions) {
    this.dir = dir;
    this.binaries = binaries;
    this.options = options;
    this.files = clusterFiles(dir);
    this.#supervisor = new SupervisorClient(dir);
    this.readiness = new Readiness(this.#supervisor, this.files, () => this.running.admin.api);
  }

  /** The API server's address, `https://127.0.0.1:<port>`. */
  get server(): string {
    return `https://127.0.0.1:${this.running.layout.apiServerPort}`;
  }

  /** A kubeconfig file of the administrator (readable by this user only). */
  get kubeconfigPath(): string {
    return this.files.kubeconfig('admin');
  }

  /** The administrator (group system:masters: no authorization check applies). */
  get kubeConfig(): KubeConfig {
    const { authority, admin } = this.running;
    return buildKubeConfig(this.server, authority.cert, 'admin', admin.credentials);
  }

  /** The API server's certificate authority, PEM. */
  get caCert(): string {
    return this.running.authority.cert;
  }

  /** Process numbers of what runs now, by component, and of the supervisor that owns them. */
  get pids(): Record<string, number> {
    return { ...Object.fromEntries(this.#supervisor.pids), supervisor: this.#supervisor.pid };
  }

  /** The components of the control plane that run now; not the nodes and their parts. */
  protected get runningComponents(): ComponentName[] {
    return this.#names.filter((name) => this.#supervisor.pids.has(name));
  }

  /** Starts the components; called once. */
  async start(names: ComponentName[]): Promise<void> {
    this.#names = names;
    const [[etcdPort = 0, apiServerPort = 0, serverPort = 0, kwokPort = 0]] = await Promise.all([
      freePorts(4),
      writePki(this.files).then(({ authority, admin }) => {
        this.#authority = authority;
        this.#adminCredentials = admin;
      }),
    ]);
    this.#layout = {
      dir: this.dir,
      etcdPort,
      apiServerPort,
      ...(this.options.metrics && { metrics: { serverPort, kwokPort } }),
      realNodes: this.hasRealNodes,
      audit: this.options.audit ?? true,
      apiServerFlags: this.options.apiServerFlags ?? [],
      controllerManagerFlags: this.options.controllerManagerFlags ?? [],
    };
    const { kwokConfig: extra = [], metrics: hasMetrics = false } = this.options;
    const kubeConfigFor = (identity: ClientIdentity) =>
      this.kubeConfigAt(
        this.#isInside(identity.name) ? `https://${GATEWAY_IP}:${apiServerPort}` : this.server,
        identity,
      );
    const configs = writeConfigs(this.files, names, this.kubeConfig, kubeConfigFor, { extra, metrics: hasMetrics });
    const prepared = this.hasRealNodes ? this.#prepareNodes(apiServerPort, this.running.authority.cert) : undefined;
    // If the control plane fails first, its error counts.
    this.#preparing = prepared?.catch(() => {});
    await Promise.all([configs, this.startEtcd()]);
    await this.#startComponent('kube-apiserver');
    // The others would find half of their rights missing before this, and ask again only a second later.
    await this.readiness.apiServer();
    const { metrics } = this.#layout;
    if (metrics) {
      const { api } = this.running.admin;
      this.usage = new PodUsage(api);
      const host = this.hasRealNodes ? GATEWAY_IP : 'localhost';
      const isPlayed = names.includes('kwok');
      await Promise.all([
        registerMetricsServer(api, host, metrics.serverPort),
        ...(isPlayed ? [this.usage.install(READY_DEADLINE_MS)] : []),
      ]);
    }
    const rest = names.filter((name) => name !== 'etcd' && name !== 'kube-apiserver');
    const start = (name: ComponentName) => this.#startComponent(name);
    await Promise.all(rest.filter((name) => !this.#isInside(name)).map(start));
    await prepared;
    await Promise.all(rest.filter((name) => this.#isInside(name)).map(start));
  }

  /** Whether a component runs in the network of the real nodes, as it asks kubelets. The API server has another address there. */
  #isInside(name: string): boolean {
    return this.hasRealNodes && name === 'metrics-server';
  }

  protected get hasRealNodes(): boolean {
    return (this.options.realNodes ?? 0) > 0;
  }

  /** Makes the real nodes, up to their images, while the control plane starts. */
  async #prepareNodes(apiServerPort: number, caCert: string): Promise<void> {
    const { binaries, dir, options, files } = this;
    const tools = await ensureNetTools(options.env ?? process.env, options.signal);
    this.nodes = new RealNodes({
      dir,
      lanSocket: files.lanSocket,
      supervisor: this.#supervisor,
      readiness: this.readiness,
      binaries,
      path: tools === undefined ? [] : [tools],
      images: options.images ?? [],
      apiServerPort,
      caCert,
    });
    await this.nodes.startNetwork();
    await Promise.all(Array.from({ length: options.realNodes ?? 0 }, () => this.nodes?.add()));
  }

  /** A kubeconfig for a user with a new client certificate of its own. The user needs RBAC rules to be allowed anything. */
  kubeConfigFor(identity: ClientIdentity): Promise<KubeConfig> {
    return this.kubeConfigAt(this.server, identity);
  }

  protected async kubeConfigAt(server: string, identity: ClientIdentity): Promise<KubeConfig> {
    const { authority } = this.running;
    return buildKubeConfig(server, authority.cert, identity.name, await authority.issueClient(identity));
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
    const { authority, admin } = this.running;
    const token = await requestToken(admin.api, namespace, name, { expirationSeconds, pod });
    return buildKubeConfig(this.server, authority.cert, `system:serviceaccount:${namespace}:${name}`, { token });
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

  /** Resumes a paused API server. */
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

  /** Resumes a paused component. @throws Error when it does not run */
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
    const { size: logStart } = await stat(this.files.log(component)).catch(() => ({ size: 0 }));
    await this.#startComponent(component);
    if (component === 'kube-apiserver') await this.readiness.apiServer();
    if (component === 'etcd') await this.readiness.etcd(logStart);
  }

  /** The last lines of a component's log. */
  log(component: ComponentName, lines = 100): Promise<string> {
    return logTail(this.files.log(component), lines);
  }

  /** Ends all processes, removes the folder. May be called again. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#admin?.api.close();
      await this.#supervisor.shutdown();
      if (this.#preparing === undefined) return;
      // A node in the making may have written into the folder once more.
      await this.#preparing;
      await removeClusterFolder(this.dir);
    })();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  protected get running(): {
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

  async #startComponent(name: ComponentName): Promise<void> {
    const { layout } = this.running;
    const file = this.binaries.get(name);
    if (file === undefined)
      throw new Error(`this cluster runs without ${name}: enable it in the options of startControlPlane()`);
    const command = [file, ...componentArgs(name, layout)];
    if (this.nodes && this.#isInside(name)) command.unshift(...this.nodes.inNetwork);
    const [program = '', ...args] = command;
    await this.#supervisor.start({ name, file: program, args, logFile: this.files.log(name) });
  }
}
