import type { ControlPlane } from '../../operator/testkit/index.ts';
import type { Lifetime } from '../terminal/lifetime.ts';

const POLL_MS = 1_000;
const LOG_LINES = 15;

/**
 * Ends this program if a component of the local Kubernetes exits, as the table would no longer change. Nodes do not count: the
 * cluster goes on without them.
 */
export function watchCluster(cluster: ControlPlane, lifetime: Lifetime): void {
  const nodes = new Set(cluster.realNodes.map(({ name }) => name));
  const components = Object.keys(cluster.pids).filter((name) => !nodes.has(name.split('/')[0] ?? ''));
  const timer = setInterval(async () => {
    const running = cluster.pids;
    const lost = components.find((name) => running[name] === undefined);
    if (lost === undefined || lifetime.signal.aborted) return;
    clearInterval(timer);
    const log = await cluster.log(lost as Parameters<ControlPlane['log']>[0], LOG_LINES);
    lifetime.fail(
      new Error(
        `${lost} of the local Kubernetes has exited. End of its log:\n${log}\n` +
          'Start again. If it happens again, make sure that this machine has 1 GB of free memory.',
      ),
    );
  }, POLL_MS);
  lifetime.onEnd('the watch of the cluster', async () => clearInterval(timer));
}
