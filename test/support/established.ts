import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../../operator/testkit/index.ts';

/**
 * Waits until a CRD is served. `kubectl wait` fails on one that is so new that it has no conditions yet, so it is run
 * again.
 *
 * @throws if it takes more than a minute, or kubectl fails for another reason
 */
export async function established(cluster: ControlPlane, name: string): Promise<void> {
  const end = performance.now() + 60_000;
  for (;;) {
    const wait = ['wait', '--for=condition=Established', `crd/${name}`, '--timeout=30s'];
    const { exitCode, stderr } = await cluster.kubectl(wait);
    if (exitCode === 0) return;
    if (!stderr.includes('.status.conditions accessor error') || performance.now() > end) throw new Error(stderr);
    await sleep(50);
  }
}
