import type { ComponentName } from '../../../resources/api/component-name.ts';
import { BLUE_GREEN } from '../node/faulty-cases.ts';
import { CALLED_IN_ORDER, PORTS, shopContainer } from '../node/plain-shop.ts';
import { HEALTH_CHECK, SHOP_RESOURCES } from '../node/shops.ts';

const ARGO = 'argoproj.io/v1alpha1';
const namespace = 'default';

/** Seconds that pods must be ready, here and in the RestAPI. */
export const MIN_READY_SECONDS = 10;

/** The Services of a component: the active one, which other components call, and the preview, which is checked. */
export function previewName(name: string, component: ComponentName): string {
  return `${name}-${component}-preview`;
}

/** Argo Rollouts adds the hash of a ReplicaSet to their selectors. */
export function argoServices(name: string): object[] {
  return CALLED_IN_ORDER.flatMap((component) =>
    [`${name}-${component}`, previewName(name, component)].map((service) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, namespace, labels: { app: name } },
      spec: { selector: { app: name, component }, ports: [{ port: PORTS[component] }] },
    })),
  );
}

/** The check of the RestAPI's releases. Each Rollout has one of its own: its argument `address` is a component's preview. */
export function argoAnalysis(): object[] {
  return BLUE_GREEN.prePromotion.map(({ name, http, successes, intervalSeconds }) => ({
    apiVersion: ARGO,
    kind: 'AnalysisTemplate',
    metadata: { name, namespace },
    spec: {
      args: [{ name: 'address' }],
      metrics: [
        {
          name,
          count: successes,
          interval: `${intervalSeconds}s`,
          // A status other than 2xx is an error. None is tolerated.
          consecutiveErrorLimit: 0,
          provider: { web: { url: `http://{{args.address}}${http.path}` } },
        },
      ],
    },
  }));
}

/**
 * The shop as four blue-green Rollouts with the settings of the RestAPI that createShop() makes: probes, resources, drain, the
 * time that pods must be ready, deadline, checks and scale-down delay.
 *
 * @param image of all four
 * @param previews `host:port` of the preview Services
 */
export function argoRollouts(name: string, image: string, previews: ReadonlyMap<ComponentName, string>): object[] {
  return CALLED_IN_ORDER.map((component) => {
    const labels = { app: name, component };
    const probe = { httpGet: { path: '/health', port: PORTS[component] }, failureThreshold: 3 };
    const container = {
      ...shopContainer(name, component, image),
      readinessProbe: { ...probe, periodSeconds: 5, ...HEALTH_CHECK.readiness },
      livenessProbe: { ...probe, initialDelaySeconds: 10, periodSeconds: 10, ...HEALTH_CHECK.liveness },
      resources: SHOP_RESOURCES,
    };
    return {
      apiVersion: ARGO,
      kind: 'Rollout',
      metadata: { name: `${name}-${component}`, namespace, labels: { app: name } },
      spec: {
        replicas: 1,
        minReadySeconds: MIN_READY_SECONDS,
        // The RestAPI's adds minReadySeconds to its own.
        progressDeadlineSeconds: BLUE_GREEN.progressDeadlineSeconds + MIN_READY_SECONDS,
        progressDeadlineAbort: true,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
        strategy: {
          blueGreen: {
            activeService: `${name}-${component}`,
            previewService: previewName(name, component),
            scaleDownDelaySeconds: BLUE_GREEN.scaleDownDelaySeconds,
            prePromotionAnalysis: {
              templates: BLUE_GREEN.prePromotion.map((check) => ({ templateName: check.name })),
              args: [{ name: 'address', value: previews.get(component) }],
            },
          },
        },
      },
    };
  });
}
