import type { ControlPlane } from '../../operator/testkit/index.ts';
import type { Lifetime } from '../terminal/lifetime.ts';

const POLL_MS = 1_000;
const LOG_LINES = 15;

/** Ends this program when a part of the local Kubernetes has died: the table would show for ever what was last. */
export function watchCluster(cluster: ControlPlane, lifetime: Lifetime): void {
  const parts = Object.keys(cluster.pids);
  const timer = setInterval(async () => {
    const running = cluster.pids;
    const lost = parts.find((name) => running[name] === undefined);
    if (lost === undefined || lifetime.signal.aborted) return;
    clearInterval(timer);
    const log = await cluster.log(lost as Parameters<ControlPlane['log']>[0], LOG_LINES);
    lifetime.fail(
      new Error(
        `${lost}, a part of the local Kubernetes, has ended. The end of its log:\n${log}\n` +
          'Start again; if it happens again, see whether this machine has 1 GB of memory to spare.',
      ),
    );
  }, POLL_MS);
  lifetime.onEnd('the watch of the cluster', async () => clearInterval(timer));
}
