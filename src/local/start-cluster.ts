import { setTimeout as sleep } from 'node:timers/promises';
import { abortable } from '../../operator/async/abortable.ts';
import { ApiClient } from '../../operator/index.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../../operator/testkit/index.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import { watchCluster } from './cluster-watch.ts';

/** How long to wait for a cluster that is still starting, which cannot be interrupted, in milliseconds. Later its supervisor cleans up. */
const HALF_STARTED_MS = 20_000;

/**
 * Starts a Kubernetes on this machine, which ends with the lifetime. The lifetime ends with it, if a component exits.
 *
 * @returns the cluster, and a client as its administrator
 * @throws as startControlPlane() does; the signal's reason when the lifetime ends first
 */
export async function startCluster(
  options: ControlPlaneOptions,
  lifetime: Lifetime,
): Promise<{ cluster: ControlPlane; client: ApiClient }> {
  const { signal } = lifetime;
  const starting = startControlPlane({ audit: false, signal, ...options });
  lifetime.onEnd('the local Kubernetes', () => stopWhenStarted(starting), { reported: true });
  const cluster = await abortable(starting, signal);
  const client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'npm-start' });
  lifetime.onEnd('the connections', () => client.close());
  watchCluster(cluster, lifetime);
  return { cluster, client };
}

/** Stops a cluster, also one that is still starting. */
async function stopWhenStarted(starting: Promise<ControlPlane>): Promise<void> {
  const cluster = await Promise.race([
    starting.catch(() => undefined),
    sleep(HALF_STARTED_MS, undefined, { ref: false }),
  ]);
  await cluster?.stop();
}
