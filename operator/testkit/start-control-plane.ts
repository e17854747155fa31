import { ensureBinaries } from './binaries.ts';
import { createClusterFolder, defaultParentFolder, removeLeftovers } from './cluster-folder.ts';
import { ComponentError } from './component-error.ts';
import type { ComponentName } from './components.ts';
import { ControlPlane } from './control-plane.ts';
import type { ControlPlaneOptions } from './control-plane-options.ts';

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
