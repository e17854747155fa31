import type { StoredObject } from '../../../operator/index.ts';
import { COMPONENTS, type RestAPI, type RestAPISpec } from '../../../resources/index.ts';

const PORTS = { model: 8080, view: 3000, controller: 8081, repository: 8082 };

/** A RestAPI with blue-green releases and two pods a component, as the API server stores it. */
export function stored(image: string, blueGreen: Partial<RestAPISpec['blueGreen']> = {}): StoredObject<RestAPI> {
  const component = (name: keyof typeof PORTS) => ({
    enabled: true,
    port: PORTS[name],
    resources: {},
    service: { type: 'ClusterIP' },
    terminationGracePeriodSeconds: 30,
    drainSeconds: 5,
  });
  const spec = {
    image,
    replicas: 2,
    blueGreen: {
      enabled: true,
      autoPromotion: { enabled: true, seconds: 0 },
      scaleDownDelaySeconds: 30,
      progressDeadlineSeconds: 600,
      abortOnFailure: true,
      autoRollbackSeconds: 0,
      autoRollbackFailingSeconds: 30,
      paused: false,
      revisionHistoryLimit: 10,
      ...blueGreen,
    },
    ...Object.fromEntries(COMPONENTS.map((name) => [name, component(name)])),
  };
  return {
    apiVersion: 'restapi.dev/v1alpha1',
    kind: 'RestAPI',
    metadata: { name: 'shop', namespace: 'default', uid: 'uid-of-shop', resourceVersion: '1', annotations: {} },
    spec,
  } as unknown as StoredObject<RestAPI>;
}
