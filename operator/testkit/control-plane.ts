import { randomUUID } from 'node:crypto';
import { cp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type AuditEvent, type AuditMark, BEFORE_ALL, markAuditLog, readAuditLog } from './audit.ts';
import { ensureBinaries } from './binaries.ts';
import type { KeyPairPem } from './certificates.ts';
import { ClusterProcesses } from './cluster-processes.ts';
import type { ComponentName } from './components.ts';
import type { KubectlOptions, RestoreOptions, Snapshot } from './control-plane-options.ts';
import { isNodeUsable, type NodeOptions, nodeObject } from './kwok-config.ts';
import { metricsAnnotation } from './metrics-server.ts';
import type { Forward } from './node/forward.ts';
import type { RealNode } from './node/real-node.ts';
import type { JoinOptions, RealNodes } from './node/real-nodes.ts';
import type { PodsWithLabels, PodUsage, SeenUsage, Usage } from './pod-usage.ts';
import { raiseRevision } from './raise-revision.ts';
import { type ProgramResult, runProgram } from './run-program.ts';

/** metrics-server scrapes every 10 s, and knows the CPU of a new pod only after the second scrape. */
const USAGE_DEADLINE_MS = 60_000;

/**
 * A running test cluster. Made by `startControlPlane()`.
 *
 * @example
 * ```ts
 * await using cluster = await startControlPlane();
 * await cluster.kubectl(['apply', '-f', 'crds/']);
 * const operator = new Operator({ kubeConfig: cluster.kubeConfig, controllers: [GreetingController] });
 * ```
 */
export class ControlPlane extends ClusterProcesses {
  /** Starts the components and the nodes; called once, by `startControlPlane()`. */
  override async start(names: ComponentName[]): Promise<void> {
    await super.start(names);
    const fake = this.binaries.has('kwok') ? (this.options.kwokNodes ?? 1) : 0;
    const nodes = Array.from({ length: fake }, (_, index) => this.addNode(`node-${index}`));
    if (this.nodes) nodes.push(this.#joinNodes(this.nodes));
    if (this.binaries.has('kube-controller-manager')) nodes.push(this.readiness.serviceAccount());
    if (this.binaries.has('metrics-server')) nodes.push(this.readiness.metricsServer());
    await Promise.all(nodes);
  }

  /** The revision of etcd, which every write raises: the resourceVersion of a list read now. */
  async revision(): Promise<bigint> {
    const path = '/api/v1/namespaces?limit=1';
    const list = (await this.running.admin.api.request('GET', path)) as { metadata: { resourceVersion: string } };
    return BigInt(list.metadata.resourceVersion);
  }

  /**
   * Raises the revision past another one, by writes of ConfigMaps `testkit-revision-<n>` in the namespace default.
   *
   * @throws ApiStatusError when the API server refuses
   */
  async raiseRevision(past: bigint): Promise<void> {
    await raiseRevision(this.running.admin.api, past, () => this.revision());
  }

  /**
   * Copies etcd's current data. etcd is paused for about 0.1 s and then continues. The copy has the data that a crash at that
   * moment would have left.
   *
   * @throws Error when etcd does not run
   */
  async snapshot(): Promise<Snapshot> {
    const revision = await this.revision();
    const dir = join(this.dir, `snapshot-${randomUUID()}`);
    await this.pause('etcd');
    try {
      await cp(this.files.etcdData, dir, { recursive: true });
    } finally {
      await this.resume('etcd');
    }
    return { dir, revision };
  }

  /**
   * Restores etcd's data from a snapshot, as an administrator would after a disaster: ends everything, restores the data, starts
   * everything again. resourceVersions go back; what was written after the snapshot never happened. The snapshot can be used
   * again. The audit log is kept and also covers the lost history. Containers of real
   * nodes go on running; their kubelets, kube-proxies and CoreDNS are started again as well, after which it takes some seconds until
   * names resolve again.
   *
   * @returns when the API server is ready and the rest has been started
   * @throws ComponentError when a component does not start
   */
  async restore(snapshot: Snapshot, { raisePast }: RestoreOptions = {}): Promise<void> {
    const running = this.runningComponents;
    const [startAgents] = await Promise.all([this.nodes?.stopAgents(), ...running.map((name) => this.kill(name))]);
    await rm(this.files.etcdData, { recursive: true, force: true });
    await cp(snapshot.dir, this.files.etcdData, { recursive: true });
    await this.startEtcd();
    await this.startApiServer();
    if (raisePast !== undefined) await this.raiseRevision(raisePast);
    const rest = running.filter((name) => name !== 'etcd' && name !== 'kube-apiserver');
    if (rest.includes('kwok')) {
      // Of a node whose lease another KWOK holds, this one waits for 40 s.
      const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
      await this.running.admin.api.request('DELETE', leases);
    }
    await Promise.all(rest.map((name) => this.startComponent(name)));
    await startAgents?.(this.running.admin.api);
  }

  /**
   * A certificate for a server on this machine (127.0.0.1, localhost) that clients trust which trust the API server: for
   * admission webhooks played by a test.
   *
   * @param hosts further DNS names, for example `hook.default.svc` of a webhook that runs as a pod
   */
  issueServerCertificate(name: string, hosts: readonly string[] = []): Promise<KeyPairPem> {
    return this.running.authority.issueServer(name, [
      ...['localhost', ...hosts].map((value) => ({ type: 'dns' as const, value })),
      { type: 'ip', value: '127.0.0.1' },
    ]);
  }

  /** Runs kubectl against this cluster. Does not throw for a failing exit code. @throws BinariesError when there is no kubectl */
  async kubectl(args: string[], options: KubectlOptions = {}): Promise<ProgramResult> {
    const { onProgress, env, signal } = this.options;
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
    return this.auditSince(BEFORE_ALL);
  }

  /** A mark for {@link auditSince}: the requests that the server has received by now are before it. */
  async auditMark(): Promise<AuditMark> {
    return markAuditLog(this.#auditLog());
  }

  /** The requests that the server received after a mark, in the order in which they ended. */
  async auditSince(mark: AuditMark): Promise<AuditEvent[]> {
    return readAuditLog(this.#auditLog(), mark);
  }

  /** Adds a fake node and waits until pods can be scheduled to it. @throws Error when the cluster runs without KWOK */
  async addNode(name: string, options: NodeOptions = {}): Promise<void> {
    if (!this.binaries.has('kwok')) throw new Error('this cluster has no KWOK: start it with kwokNodes > 0');
    const { api } = this.running.admin;
    const annotations = { ...(this.options.metrics && metricsAnnotation(name)), ...options.annotations };
    await api.request('POST', '/api/v1/nodes', nodeObject(name, { ...options, annotations }));
    const taintsAreRemoved = this.binaries.has('kube-controller-manager');
    await this.readiness.until('kwok', `did not make node ${name} ready`, async () => {
      const node = await api.request('GET', `/api/v1/nodes/${name}`);
      if (!isNodeUsable(node, taintsAreRemoved)) throw new Error('not ready yet');
    });
  }

  /** The nodes that run real containers. */
  get realNodes(): readonly RealNode[] {
    return this.nodes?.nodes ?? [];
  }

  /** Adds a real node and waits until it is Ready. @throws Error when the cluster was started without `realNodes` */
  async addRealNode(): Promise<RealNode> {
    const nodes = this.#real;
    const node = await nodes.add();
    await Promise.all([nodes.join(node, this.#joinOptions), nodes.imported(node)]);
    return node;
  }

  /**
   * Opens a connection in the network of the real nodes: to a pod, a Service's ClusterIP or a node, `host:port`.
   *
   * @throws Error when it cannot be made, or the cluster was started without `realNodes`
   */
  connect(target: string): Promise<Socket> {
    return this.#real.connect(target);
  }

  /**
   * Forwards a free port of 127.0.0.1 to an address in the network of the real nodes, for example a Service's ClusterIP.
   *
   * @throws Error when the cluster was started without `realNodes`
   */
  forward(target: string): Promise<Forward> {
    return this.#real.forward(target);
  }

  async #joinNodes(nodes: RealNodes): Promise<void> {
    const joined = Promise.all(nodes.nodes.map((node) => nodes.join(node, this.#joinOptions)));
    const imported = nodes.nodes.map((node) => nodes.imported(node));
    await Promise.all([joined.then(() => nodes.startDns(this.#joinOptions)), ...imported]);
  }

  get #real(): RealNodes {
    if (this.nodes === undefined) throw new Error('this cluster has no real nodes: start it with realNodes > 0');
    return this.nodes;
  }

  get #joinOptions(): JoinOptions {
    return {
      api: this.running.admin.api,
      kubeConfigFor: (identity, server) => this.kubeConfigAt(server, identity),
      hasControllerManager: this.binaries.has('kube-controller-manager'),
    };
  }

  /** Deletes a node. Its pods stay until the controller manager notices, as on a node that is lost. */
  async removeNode(name: string): Promise<void> {
    await this.running.admin.api.request('DELETE', `/api/v1/nodes/${name}`);
  }

  /**
   * Silences a node permanently: neither it nor its pods are reported any more. The controller manager notices
   * after its --node-monitor-grace-period, 50 s by default.
   */
  async silenceNode(name: string): Promise<void> {
    // KWOK ignores a node whose lease another process holds. The lease must also be renewed: if it changed without a renewal,
    // the controller manager assumes that its cache is late, and waits.
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: 'nobody', leaseDurationSeconds: 86_400, renewTime };
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;
    await this.running.admin.api.request('PATCH', path, { spec });
  }

  /**
   * Sets the usage of each container of these pods, including future ones. A second call with the same labels replaces the
   * first; of several calls that match a pod, the last one counts; the pod's own annotations take precedence.
   * metrics-server reports it 10 to 20 s later ({@link waitForUsage}).
   *
   * @throws Error when the cluster runs without metrics
   */
  setUsage(pods: PodsWithLabels, usage: Usage): Promise<void> {
    return this.#metered.set(pods, usage);
  }

  /** The usage of these pods as metrics-server reports it; unknown pods are left out. @throws Error when the cluster runs without metrics */
  usageOf(pods: PodsWithLabels): Promise<SeenUsage[]> {
    return this.#metered.seen(pods);
  }

  /**
   * Waits until metrics-server reports this usage for every one of these pods (CPU: within 5 %).
   *
   * @throws Error after a minute, with what it reports instead, or when the cluster runs without metrics
   */
  waitForUsage(pods: PodsWithLabels, usage: Usage): Promise<SeenUsage[]> {
    return this.#metered.untilSeen(pods, usage, USAGE_DEADLINE_MS);
  }

  get #metered(): PodUsage {
    if (this.usage === undefined) throw new Error('this cluster has no metrics: start it with metrics: true');
    return this.usage;
  }

  #auditLog(): string {
    if (!this.running.layout.audit) throw new Error('this cluster keeps no audit log: start it with audit: true');
    return this.files.auditLog;
  }
}
