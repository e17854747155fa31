import type { KubeConfig } from '@kubernetes/client-node';
import type { Progress } from './binaries.ts';

/** The options of `startControlPlane()`. */
export interface ControlPlaneOptions {
  /** Run kube-controller-manager (Deployments get pods, objects get garbage-collected). Default true. */
  controllerManager?: boolean;
  /** Run kube-scheduler. Default true. */
  scheduler?: boolean;
  /** Fake nodes `node-0`, `node-1`, … on which KWOK plays pods. Default 1, or 0 with `realNodes`; 0 = no KWOK. */
  kwokNodes?: number;
  /**
   * Nodes `real-0`, `real-1`, … that run real containers: containerd, kubelet and kube-proxy in namespaces of their own, with
   * CoreDNS. Needs Linux and root (`realNodesObstacle()`), and the controller manager and the scheduler. Default 0.
   */
  realNodes?: number;
  /**
   * Enforce NetworkPolicies on the real nodes, by kube-network-policies. Without it they are stored and have no effect. Needs
   * `realNodes`. Default false.
   */
  networkPolicies?: boolean;
  /** Tar files of images (`writeImage()`) that each real node imports, also one that is added later. */
  images?: readonly string[];
  /**
   * Run metrics-server, so that autoscalers see what pods use: the values of `setUsage`, or their annotations
   * `kwok.x-k8s.io/usage-cpu` and `kwok.x-k8s.io/usage-memory`, 10 to 20 s later. Autoscalers then sync every second and
   * scale down after 5 s. With `realNodes` they see what containers use. Needs kwokNodes or realNodes. Default false.
   */
  metrics?: boolean;
  /** Additional KWOK configuration (YAML documents, for example stages that make pods fail). */
  kwokConfig?: string[];
  /** Additional flags for kube-apiserver; they override the kit's own. */
  apiServerFlags?: string[];
  /** Additional flags for kube-controller-manager; they override the kit's own. */
  controllerManagerFlags?: string[];
  /** Keep an audit log (`auditEvents`). Default true. */
  audit?: boolean;
  /** The parent of the cluster's folder. Default: a folder in the system's temporary folder. */
  dir?: string;
  /** Called while binaries are downloaded or built, which may take minutes on the first start on a machine. */
  onProgress?: (progress: Progress) => void;
  /** The variables used to find binaries. Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** Aborts downloading and building binaries. */
  signal?: AbortSignal;
}

export interface KubectlOptions {
  /** What kubectl reads from its standard input (`apply -f -`). */
  input?: string;
  /** The user that it runs as. Default: the administrator. */
  kubeConfig?: KubeConfig;
}

/** etcd's data at one moment. Made by `ControlPlane.snapshot`, valid until the cluster is stopped. */
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
