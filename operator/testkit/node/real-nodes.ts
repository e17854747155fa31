import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { AdminApi } from '../admin-api.ts';
import type { ClientIdentity } from '../certificates.ts';
import { writeImage } from '../image.ts';
import { isNodeUsable } from '../kwok-config.ts';
import type { Readiness } from '../readiness.ts';
import { runProgram } from '../run-program.ts';
import { sourceFile } from '../source-file.ts';
import type { SupervisorClient } from '../supervisor-client.ts';
import { cgroupName } from './cgroups.ts';
import { coreDnsObjects } from './coredns-objects.ts';
import { type Forward, forward } from './forward.ts';
import { createPolicyAccount, policyToken } from './network-policies.ts';
import {
  COREDNS_IMAGE,
  GATEWAY_IP,
  GATEWAY_MAC,
  NODES_CIDR,
  nodeAddresses,
  PAUSE_IMAGE,
  POD_CIDR,
  SERVICE_CIDR,
} from './node-config.ts';
import { RealNode } from './real-node.ts';
import { connectBy, type RelayConfig } from './relay.ts';

const LAN = 'lan';

/** What real nodes need of their control plane. */
export interface NodesOptions {
  /** The cluster's folder. */
  dir: string;
  /** The Unix socket by which connections are made from the nodes' network. */
  lanSocket: string;
  supervisor: SupervisorClient;
  readiness: Readiness;
  binaries: ReadonlyMap<string, string>;
  /** Folders that come first on the nodes' PATH. */
  path: readonly string[];
  /** Tar files of images that each node imports. */
  images: readonly string[];
  /** The port of the API server. */
  apiServerPort: number;
  caCert: string;
}

/** The running control plane, to which nodes are joined. */
export interface JoinOptions {
  api: AdminApi;
  kubeConfigFor(identity: ClientIdentity, server: string): Promise<KubeConfig>;
  hasControllerManager: boolean;
}

/**
 * The real nodes of a cluster, and their network: a bridge in a network namespace of its own, to which each node's namespace is
 * plugged. Connections between it and this machine are carried by two relays, so that no interface, route or rule of this machine
 * is touched.
 */
export class RealNodes {
  readonly #options: NodesOptions;
  readonly #nodes: RealNode[] = [];
  readonly #imports = new Map<RealNode, { system: Promise<void>; all: Promise<void> }>();
  readonly #plugged: RealNode[] = [];
  #lanPid = 0;
  #plugging: Promise<void> = Promise.resolve();
  #systemImages: Promise<string[]> = Promise.resolve([]);
  #policyAccount: Promise<void> | undefined;

  constructor(options: NodesOptions) {
    this.#options = options;
    options.supervisor.onExit(({ name }) => {
      // Services are reached by a node that lives. If none does, or the network itself is ending, there is nothing to change.
      const next = this.#nodes.find((node) => node.name !== name && options.supervisor.pids.has(node.name));
      if (next && this.#nodes.some((node) => node.name === name)) this.#routeServicesBy(next).catch(() => {});
    });
  }

  get nodes(): readonly RealNode[] {
    return this.#nodes;
  }

  /** The command and first arguments that run a program of this machine in the nodes' network. */
  get inNetwork(): [file: string, ...args: string[]] {
    return ['nsenter', `--net=/proc/${this.#lanPid}/ns/net`];
  }

  /** Makes the network. */
  async startNetwork(): Promise<void> {
    const { dir, lanSocket, supervisor, apiServerPort } = this.#options;
    this.#systemImages = this.#writeSystemImages();
    this.#systemImages.catch(() => {});
    const host = join(dir, 'host.sock');
    const relay = sourceFile(import.meta.url, 'relay');
    const hostConfig: RelayConfig = { socket: host };
    const lanConfig: RelayConfig = {
      socket: lanSocket,
      // Webhooks, for one, are where they would be without nodes.
      inside: { networks: [NODES_CIDR, SERVICE_CIDR, POD_CIDR], others: host },
      listen: { host: GATEWAY_IP, port: apiServerPort, target: `127.0.0.1:${apiServerPort}` },
    };
    const setUp = [
      'ip link set lo up',
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
      `ip link add lan0 address ${GATEWAY_MAC} type bridge`,
      `ip addr add ${GATEWAY_IP}/24 dev lan0`,
      'ip link set lan0 up',
      // Services: any node's kube-proxy knows them.
      `ip route add ${SERVICE_CIDR} via ${nodeAddresses(0).ip}`,
      `exec "$@"`,
    ].join(' && ');
    const run = ['--net', '--', 'sh', '-c', setUp, 'sh', process.execPath, relay, JSON.stringify(lanConfig)];
    const [, lanPid] = await Promise.all([
      supervisor.start({
        name: 'relay',
        file: process.execPath,
        args: [relay, JSON.stringify(hostConfig)],
        logFile: join(dir, 'relay.log'),
      }),
      supervisor.start({ name: LAN, file: 'unshare', args: run, logFile: join(dir, 'lan.log') }),
    ]);
    this.#lanPid = lanPid;
  }

  /** Makes one more node, up to containerd; join() makes it a part of the cluster. Several can be made at the same time. */
  async add(): Promise<RealNode> {
    const { dir, supervisor, readiness, binaries, path, apiServerPort } = this.#options;
    const index = this.#nodes.length;
    const name = `real-${index}`;
    const folder = join(dir, name);
    const layout = { name, ...nodeAddresses(index), folder, binaries };
    const kubeconfigs = {
      kubelet: join(dir, `${name}.kubeconfig`),
      kubeProxy: join(dir, `${name}-kube-proxy.kubeconfig`),
    };
    const apiServer = { host: GATEWAY_IP, port: apiServerPort };
    const node = new RealNode(layout, { supervisor, readiness, cgroup: cgroupName(dir), path, kubeconfigs, apiServer });
    this.#nodes.push(node);
    await node.up();
    // One after the other: a route to a node that is not plugged yet is refused.
    this.#plugging = this.#plugging.then(() => this.#plug(node, index));
    await Promise.all([this.#plugging, node.startContainerd()]);
    const system = this.#systemImages.then((images) => importAll(node, images));
    const all = system.then(() => importAll(node, this.#options.images));
    all.catch(() => {});
    this.#imports.set(node, { system, all });
    return node;
  }

  /** Resolves when a node has all images. @throws Error with what containerd says */
  async imported(node: RealNode): Promise<void> {
    await this.#imports.get(node)?.all;
  }

  /** Starts a node's kubelet, kube-proxy and, if the cluster has it, kube-network-policies, and waits until it is Ready. */
  async join(node: RealNode, options: JoinOptions): Promise<void> {
    const { dir, apiServerPort } = this.#options;
    const server = `https://${GATEWAY_IP}:${apiServerPort}`;
    const write = async (file: string, identity: ClientIdentity) => {
      const config = await options.kubeConfigFor(identity, server);
      await writeFile(join(dir, file), config.exportConfig(), { mode: 0o600 });
    };
    await Promise.all([
      write(`${node.name}.kubeconfig`, { name: `system:node:${node.name}`, groups: ['system:nodes'] }),
      write(`${node.name}-kube-proxy.kubeconfig`, { name: 'system:kube-proxy' }),
    ]);
    // Before its kubelet: no pod of it is ever open to all.
    if (this.#options.binaries.has('kube-network-policies')) await this.#enforcePolicies(node, options.api);
    await Promise.all([node.start('kubelet'), node.start('kube-proxy')]);
    await this.#options.readiness.until(`${node.name}/kubelet`, 'did not make its node Ready', async () => {
      const object = await options.api.request('GET', `/api/v1/nodes/${node.name}`);
      if (!isNodeUsable(object, options.hasControllerManager)) throw new Error('not ready yet');
    });
  }

  /** Creates the cluster's DNS and waits until it answers. */
  async startDns({ api }: Pick<JoinOptions, 'api'>): Promise<void> {
    // On a node without the image its pod would be tried again only after 10 s.
    await Promise.all([...this.#imports.values()].map(({ system }) => system));
    for (const [path, object] of coreDnsObjects()) await api.request('POST', path, object);
    await this.#options.readiness.until('kube-controller-manager', 'did not make CoreDNS available', async () => {
      const path = '/apis/apps/v1/namespaces/kube-system/deployments/coredns';
      const { status } = (await api.request('GET', path)) as { status?: { availableReplicas?: number } };
      if (!status?.availableReplicas) throw new Error('not available yet');
    });
  }

  /**
   * Ends what watches the API server on the nodes: clients that know another history of it do not notice what it lacks.
   *
   * @returns the function that starts it again
   */
  async stopAgents(): Promise<(api: AdminApi) => Promise<void>> {
    const { pids } = this.#options.supervisor;
    const agents = this.#nodes.flatMap((node) =>
      (['kubelet', 'kube-proxy', 'kube-network-policies'] as const)
        .filter((part) => pids.has(`${node.name}/${part}`))
        .map((part) => ({ node, part })),
    );
    await Promise.all(agents.map(({ node, part }) => node.kill(part)));
    return async (api) => {
      await api.request('DELETE', '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns');
      await Promise.all(agents.map(({ node, part }) => node.start(part)));
    };
  }

  /** Opens a connection in the nodes' network, to `host:port`. @throws Error when it cannot be made */
  connect(target: string): Promise<Socket> {
    return connectBy(this.#options.lanSocket, target);
  }

  /** Forwards a port of 127.0.0.1 to `host:port` in the nodes' network. */
  forward(target: string): Promise<Forward> {
    return forward(this.#options.lanSocket, target);
  }

  async #enforcePolicies(node: RealNode, api: AdminApi): Promise<void> {
    this.#policyAccount ??= createPolicyAccount(api);
    await this.#policyAccount;
    await node.writePodCredentials(await policyToken(api), this.#options.caCert);
    await node.start('kube-network-policies');
  }

  /** A cable from the bridge to a node, and the routes between the pods of the nodes. */
  async #plug(node: RealNode, index: number): Promise<void> {
    await inNetwork(this.#lanPid, [
      `link add lan-${index} type veth peer name node0 netns ${node.pid}`,
      `link set lan-${index} master lan0 up`,
      `route add ${node.podCidr} via ${node.ip}`,
    ]);
    const others = this.#plugged.filter(({ name }) => this.#options.supervisor.pids.has(name));
    await inNetwork(node.pid, [
      `addr add ${node.ip}/24 dev node0`,
      'link set node0 up',
      // Without any route there is none to a Service's address, which is looked for before it is translated.
      `route add default via ${GATEWAY_IP} dev node0`,
      ...others.map((other) => `route add ${other.podCidr} via ${other.ip} dev node0`),
    ]);
    const back = `route add ${node.podCidr} via ${node.ip} dev node0`;
    await Promise.all(others.map((other) => inNetwork(other.pid, [back])));
    this.#plugged.push(node);
  }

  #routeServicesBy({ ip }: RealNode): Promise<void> {
    return inNetwork(this.#lanPid, [`route replace ${SERVICE_CIDR} via ${ip}`]);
  }

  async #writeSystemImages(): Promise<string[]> {
    const { dir, binaries } = this.#options;
    const image = async (binary: string, name: string) => {
      const path = join(dir, `${binary}.tar`);
      const file = { from: binaries.get(binary) ?? '' };
      await writeImage(path, { name, entrypoint: [`/${binary}`], files: { [`/${binary}`]: file } });
      return path;
    };
    return Promise.all([image('pause', PAUSE_IMAGE), image('coredns', COREDNS_IMAGE)]);
  }
}

async function importAll(node: RealNode, images: readonly string[]): Promise<void> {
  await Promise.all(images.map((image) => node.importImage(image)));
}

/** Runs commands of `ip` in the network namespace of a process. @throws Error with what it says */
async function inNetwork(pid: number, commands: string[]): Promise<void> {
  const args = [`--net=/proc/${pid}/ns/net`, 'ip', '-batch', '-'];
  const { exitCode, stderr } = await runProgram('nsenter', args, { input: `${commands.join('\n')}\n` });
  if (exitCode !== 0)
    throw new Error(`ip could not set up the network of real nodes: ${stderr.trim()} (${commands.join('; ')})`);
}
