import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../../operator/testkit/index.ts';

/** How long to wait for a cluster that is still starting, which cannot be interrupted, in milliseconds. Later its supervisor cleans up. */
const HALF_STARTED_MS = 20_000;

/** Stops a cluster, also one that is still starting. */
export async function stopWhenStarted(starting: Promise<ControlPlane>): Promise<void> {
  const cluster = await Promise.race([
    starting.catch(() => undefined),
    sleep(HALF_STARTED_MS, undefined, { ref: false }),
  ]);
  await cluster?.stop();
}
