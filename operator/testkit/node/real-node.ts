import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assetsFolder } from '../assets.ts';
import { logTail } from '../component-error.ts';
import type { Readiness } from '../readiness.ts';
import { type ProgramResult, runProgram } from '../run-program.ts';
import type { SupervisorClient } from '../supervisor-client.ts';
import { isDeciding, networkPolicyArgs, POD_CREDENTIALS, queueConnections } from './network-policies.ts';
import {
  CONTAINERD_SOCKET,
  cniConfig,
  containerdConfig,
  kubeletConfig,
  kubeProxyConfig,
  type NodeLayout,
} from './node-config.ts';

/** The processes of a real node that a test may kill, pause and start again. */
export type NodePart = 'containerd' | 'kubelet' | 'kube-proxy' | 'kube-network-policies';

/** How long a node's part may take to become ready, in milliseconds. */
const READY_MS = 30_000;
const POLL_MS = 20;

/** What a node needs of its cluster. */
export interface NodeSurroundings {
  supervisor: SupervisorClient;
  readiness: Readiness;
  /** The cgroup of the cluster's nodes, in every hierarchy. */
  cgroup: string;
  /** Folders that come first on the node's PATH. */
  path: readonly string[];
  /** The kubeconfigs of the kubelet and of kube-proxy, as files. */
  kubeconfigs: { kubelet: string; kubeProxy: string };
  /** Where the node reaches the API server. */
  apiServer: { host: string; port: number };
}

/**
 * A node that runs real containers, in namespaces of its own. Made by `startControlPlane({ realNodes: 1 })`.
 *
 * @example
 * ```ts
 * const [node] = cluster.realNodes;
 * await node.importImage('dist/image/shop.tar');
 * await node.kill('kubelet');
 * await node.start('kubelet');
 * ```
 */
export class RealNode {
  readonly #layout: NodeLayout;
  readonly #cluster: NodeSurroundings;
  #pid = 0;

  /** Use `startControlPlane()`. */
  constructor(layout: NodeLayout, cluster: NodeSurroundings) {
    this.#layout = layout;
    this.#cluster = cluster;
  }

  get name(): string {
    return this.#layout.name;
  }

  /** Its address in the cluster's network. */
  get ip(): string {
    return this.#layout.ip;
  }

  get podCidr(): string {
    return this.#layout.podCidr;
  }

  /** The number of its process 1, as the machine sees it. */
  get pid(): number {
    return this.#pid;
  }

  /** Makes the node's namespaces. @throws ComponentError when they cannot be made */
  async up(): Promise<void> {
    const { folder, name } = this.#layout;
    await mkdir(folder, { recursive: true });
    const scripts = join(assetsFolder(), 'node');
    const args = [join(scripts, 'up.sh'), this.#cgroup, 'bash', join(scripts, 'init.sh'), folder, name];
    const command = { name, file: 'bash', args, logFile: `${folder}.log`, nested: true };
    this.#pid = await this.#cluster.supervisor.start(command);
    await this.#until(name, 'could not make its namespaces', () => access(join(folder, 'ready')));
  }

  /** Starts containerd; images can be imported then. @throws ComponentError */
  async startContainerd(): Promise<void> {
    const { folder } = this.#layout;
    await Promise.all([
      writeFile(join(folder, 'containerd.toml'), containerdConfig(this.#layout)),
      writeFile(join(folder, 'cni.conflist'), JSON.stringify(cniConfig(this.#layout))),
    ]);
    await this.#mustRun(['mkdir', '-p', '/etc/cni/net.d']);
    await this.#mustRun(['cp', join(folder, 'cni.conflist'), '/etc/cni/net.d/10-node.conflist']);
    await this.start('containerd');
  }

  /**
   * Imports the images of a tar file (`writeImage()`), so that pods of this node can run them.
   *
   * @throws Error with what containerd says
   */
  async importImage(tar: string): Promise<void> {
    await this.#mustRun(this.#ctr('images', 'import', '--local', tar));
  }

  /**
   * Starts a part that does not run. containerd answers then, and kube-network-policies enforces; the kubelet and kube-proxy have
   * nothing to wait for here.
   *
   * @throws ComponentError when it ends at once; Error when it runs already, or the cluster has none
   */
  async start(part: NodePart): Promise<void> {
    const { name, ip, folder } = this.#layout;
    const { supervisor, kubeconfigs } = this.#cluster;
    const { kubelet, kubeProxy } = kubeconfigs;
    // Before its configuration is written: kube-proxy ends when that changes.
    if (supervisor.pids.has(this.#component(part))) throw new Error(`${this.#component(part)} is already running`);
    switch (part) {
      case 'containerd': {
        await this.#startPart(part, ['--config', join(folder, 'containerd.toml')]);
        return this.#until(this.#component(part), 'does not answer', () => this.#mustRun(this.#ctr('version')));
      }
      case 'kubelet': {
        const config = join(folder, 'kubelet.json');
        await writeFile(config, JSON.stringify(kubeletConfig(this.#layout)));
        return this.#startPart(part, [
          `--config=${config}`,
          `--kubeconfig=${kubelet}`,
          `--root-dir=${join(folder, 'kubelet')}`,
          `--cert-dir=${join(folder, 'pki')}`,
          `--node-ip=${ip}`,
          `--hostname-override=${name}`,
        ]);
      }
      case 'kube-proxy': {
        const config = join(folder, 'kube-proxy.json');
        await writeFile(config, JSON.stringify(kubeProxyConfig(this.#layout, kubeProxy)));
        return this.#startPart(part, [`--config=${config}`]);
      }
      case 'kube-network-policies': {
        const { host, port } = this.#cluster.apiServer;
        const env = [`KUBERNETES_SERVICE_HOST=${host}`, `KUBERNETES_SERVICE_PORT=${port}`];
        await this.#startPart(part, networkPolicyArgs(name), env);
        const queues = ['cat', '/proc/net/netfilter/nfnetlink_queue'];
        await this.#until(this.#component(part), 'did not sync', async () => {
          if (!isDeciding((await this.run(queues)).stdout)) throw new Error('not yet');
        });
        return this.#mustRun(queueConnections());
      }
    }
  }

  /** Gives programs of the node what pods find: a token, and the certificate of the API server's authority. */
  async writePodCredentials(token: string, caCert: string): Promise<void> {
    await this.#mustRun(['mkdir', '-p', POD_CREDENTIALS]);
    for (const [name, text] of Object.entries({ token, 'ca.crt': caCert })) {
      await this.#mustRun(['tee', `${POD_CREDENTIALS}/${name}`], { input: text });
    }
  }

  /** Ends a part and waits until it is gone. Containers go on running. @throws Error when it does not run */
  kill(part: NodePart, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.#cluster.supervisor.end(this.#component(part), signal);
  }

  /** Stops a part in its tracks (SIGSTOP). @throws Error when it does not run */
  pause(part: NodePart): Promise<void> {
    return this.#cluster.supervisor.signal(this.#component(part), 'SIGSTOP');
  }

  /** Resumes a paused part. @throws Error when it does not run */
  resume(part: NodePart): Promise<void> {
    return this.#cluster.supervisor.signal(this.#component(part), 'SIGCONT');
  }

  /**
   * Ends the node as a power failure would: with every process and container, for good. The cluster is not notified; the controller
   * manager notices after its --node-monitor-grace-period, 50 s by default.
   */
  async lose(): Promise<void> {
    const { supervisor } = this.#cluster;
    await supervisor.end(this.name, 'SIGKILL');
    // Its parts have been killed with it; this waits until the supervisor knows.
    while ([...supervisor.pids.keys()].some((name) => name.startsWith(`${this.name}/`))) await sleep(POLL_MS);
  }

  /** Runs a program in the node, by its PATH, until it ends. Does not throw for a failing exit code. */
  run(command: string[], options: { input?: string } = {}): Promise<ProgramResult> {
    return runProgram('bash', this.#enter(command), options);
  }

  /** Starts a program in the node. A signal must be sent to the program itself, which is the returned process's child. */
  spawn(command: string[], options: SpawnOptions = {}): ChildProcess {
    return spawn('bash', this.#enter(command), options);
  }

  /** The last lines of a part's log. */
  log(part: NodePart, lines = 100): Promise<string> {
    return logTail(this.#logFile(part), lines);
  }

  get #cgroup(): string {
    return `${this.#cluster.cgroup}/${this.name}`;
  }

  #ctr(...args: string[]): string[] {
    return [this.#binary('ctr'), '--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io', ...args];
  }

  #component(part: NodePart): string {
    return `${this.name}/${part}`;
  }

  #logFile(part: NodePart): string {
    return join(this.#layout.folder, `${part}.log`);
  }

  #binary(name: string): string {
    const path = this.#layout.binaries.get(name);
    if (path === undefined) throw new Error(`the cluster has no binary ${name}`);
    return path;
  }

  #enter(command: string[]): string[] {
    const binaries = ['containerd-shim-runc-v2', 'runc', 'containerd'].map((name) => dirname(this.#binary(name)));
    const path = [...this.#cluster.path, ...binaries, process.env.PATH ?? ''].join(delimiter);
    const env = ['env', `PATH=${path}`, `HOME=${this.#layout.folder}`];
    return [join(assetsFolder(), 'node', 'enter.sh'), String(this.#pid), this.#cgroup, ...env, ...command];
  }

  async #startPart(part: NodePart, args: string[], env: string[] = []): Promise<void> {
    await this.#cluster.supervisor.start({
      name: this.#component(part),
      file: 'bash',
      args: this.#enter([...env, this.#binary(part), ...args]),
      logFile: this.#logFile(part),
      nested: true,
    });
  }

  async #mustRun(command: string[], options: { input?: string } = {}): Promise<void> {
    const { exitCode, stderr } = await this.run(command, options);
    if (exitCode === 0) return;
    // What ctr says at each call with cgroup v1 is not the reason.
    const reason = stderr.replace(/^.*DEPRECATION.*\n?/gm, '').trim();
    throw new Error(`node ${this.name}: ${command.join(' ')} failed: ${reason}`);
  }

  #until(component: string, failure: string, attempt: () => Promise<unknown>): Promise<void> {
    return this.#cluster.readiness.until(component, failure, attempt, READY_MS);
  }
}
