import { ensureBinaries } from './binaries.ts';
import { createClusterFolder, defaultParentFolder, removeLeftovers } from './cluster-folder.ts';
import { ComponentError } from './component-error.ts';
import type { ComponentName } from './components.ts';
import { ControlPlane } from './control-plane.ts';
import type { ControlPlaneOptions } from './control-plane-options.ts';
import { realNodesObstacle } from './node/machine.ts';
import { REAL_NODE_BINARIES } from './node/node-binaries.ts';

const PORT_TRIES = 5;

/**
 * Starts a real Kubernetes API server with all it needs, on free ports of 127.0.0.1 and in a folder of its own; several can run
 * side by side. Resolves when the API server is ready and any requested fake nodes accept pods.
 *
 * Nothing is left behind, however this process ends: stop(), an error, Ctrl-C or kill -9.
 *
 * @example
 * ```ts
 * await using cluster = await startControlPlane({ kwokNodes: 1 });
 * await cluster.kubectl(['apply', '-f', 'crds/']);
 * ```
 *
 * @throws Error when the options do not go together
 * @throws BinariesError when a binary can neither be found, downloaded nor built
 * @throws ComponentError when a component fails or is not ready in a minute, with the tail of its log
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { onProgress, env, signal, realNodes = 0 } = options;
  const kwokNodes = options.kwokNodes ?? (realNodes > 0 ? 0 : 1);
  const names: ComponentName[] = ['etcd', 'kube-apiserver'];
  if (options.controllerManager ?? true) names.push('kube-controller-manager');
  if (options.scheduler ?? true) names.push('kube-scheduler');
  if (kwokNodes > 0) names.push('kwok');
  if (realNodes > 0) {
    const obstacle = realNodesObstacle(env);
    if (obstacle !== undefined) throw new Error(`the option realNodes cannot be used here: ${obstacle}`);
    if (!names.includes('kube-controller-manager') || !names.includes('kube-scheduler')) {
      throw new Error('the option realNodes needs the controller manager and the scheduler');
    }
  }
  if (options.metrics) {
    if (kwokNodes === 0 && realNodes === 0)
      throw new Error('the option metrics needs nodes: set kwokNodes or realNodes');
    if (kwokNodes > 0 && realNodes > 0)
      throw new Error('the option metrics works with kwokNodes or realNodes, not with both');
    names.push('metrics-server');
  }
  if (options.networkPolicies && realNodes === 0)
    throw new Error('the option networkPolicies needs real nodes: set realNodes');
  const binaries = await ensureBinaries(
    [
      ...names,
      ...(realNodes > 0 ? REAL_NODE_BINARIES : []),
      ...(options.networkPolicies ? (['kube-network-policies'] as const) : []),
    ],
    { onProgress, env, signal },
  );

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
