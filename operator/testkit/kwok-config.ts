import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assetsFolder } from './assets.ts';

/**
 * KWOK's configuration: this kit's stages (kwok/stages.yaml), the usage of pods if `metrics` is set, and the caller's
 * documents, joined into one YAML stream.
 */
export async function kwokConfig(extra: string[], metrics: boolean): Promise<string> {
  const files = ['stages.yaml', ...(metrics ? ['metrics.yaml'] : [])];
  const own = await Promise.all(files.map((file) => readFile(join(assetsFolder(), 'kwok', file), 'utf8')));
  return [...own, ...extra].map((part) => part.trimEnd()).join('\n---\n');
}

/** What a fake node may be given. */
export interface NodeOptions {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** Allocatable resources. Default: 32 CPUs, 256 GiB of memory, 1 TiB of local storage, 1000 pods. */
  capacity?: Record<string, string>;
  taints?: { key: string; value?: string; effect: string }[];
}

/** The Node object to create; KWOK fills in the rest and keeps it Ready. */
export function nodeObject(name: string, options: NodeOptions): Record<string, unknown> {
  const capacity = { cpu: '32', memory: '256Gi', 'ephemeral-storage': '1Ti', pods: '1000', ...options.capacity };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'kwok', ...options.labels },
      annotations: options.annotations,
    },
    spec: { taints: options.taints },
    status: { capacity, allocatable: capacity },
  };
}

/** Whether pods can be scheduled to a node: it is Ready and the taint a new node starts with has gone. */
export function isNodeUsable(node: unknown, taintsAreRemoved: boolean): boolean {
  const { spec, status } = node as {
    spec?: { taints?: { key: string }[] };
    status?: { conditions?: { type: string; status: string }[] };
  };
  const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  const tainted = spec?.taints?.some(({ key }) => key.startsWith('node.kubernetes.io/')) ?? false;
  return ready && !(taintsAreRemoved && tainted);
}
