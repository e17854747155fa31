import { COMPONENTS } from '../../../resources/api/component-name.ts';
import { reportedActive } from '../../../src/blue-green/release-status.ts';
import { SHOP_IMAGE } from '../../../src/tools/image/shop-versions.ts';
import type { RealCluster } from '../../support/real-cluster.ts';

/** Of each component. */
export const SHOP_RESOURCES = { requests: { cpu: '20m', memory: '64Mi' }, limits: { cpu: '1', memory: '192Mi' } };
/** A busy machine must not restart pods. */
export const HEALTH_CHECK = { liveness: { timeoutSeconds: 5 }, readiness: { timeoutSeconds: 3 } };
const READY_MS = 120_000;

/**
 * Creates a shop that stores its orders in memory, and waits until it is ready.
 *
 * @param spec replaces fields of its spec
 * @param component fields of each component
 */
export async function createShop(
  real: RealCluster,
  name: string,
  version: string,
  spec: object = {},
  component: object = {},
): Promise<void> {
  await real.world.apply({
    apiVersion: 'restapi.dev/v1alpha1',
    kind: 'RestAPI',
    metadata: { name, namespace: 'default' },
    spec: {
      image: `${SHOP_IMAGE}:${version}`,
      healthCheck: HEALTH_CHECK,
      ...Object.fromEntries(COMPONENTS.map((one) => [one, { resources: SHOP_RESOURCES, ...component }])),
      ...spec,
    },
  });
  await real.world.untilReady(name, { timeoutMs: READY_MS });
}

/** Releases a version of a shop, and waits until it has the requests. */
export async function releaseVersion(real: RealCluster, name: string, version: string): Promise<void> {
  await real.release(version, name);
  await real.world.untilStatus(
    name,
    `${version} is active`,
    (status) => status.phase === 'Ready' && reportedActive(status)?.image === `${SHOP_IMAGE}:${version}`,
    { timeoutMs: READY_MS },
  );
}

/** Waits until only the active environment of a shop has pods: all connections have moved to it. */
export async function untilOneEnvironment(real: RealCluster, name: string): Promise<void> {
  await real.world.untilStatus(
    name,
    'only the active environment has pods',
    ({ environments = [] }) =>
      environments.every(({ role, replicas, readyReplicas }) => role === 'active' || replicas + readyReplicas === 0),
    { timeoutMs: READY_MS },
  );
}
