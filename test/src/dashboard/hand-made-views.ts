import type { FleetRow } from '../../../src/dashboard/fleet-row.ts';
import type { RestApiView } from '../../../src/dashboard/rest-api-view.ts';

/** A row of the list with the given changes. */
export function row(changes: Partial<FleetRow> = {}): FleetRow {
  return {
    namespace: 'default',
    name: 'shop',
    phase: 'Ready',
    tone: 'good',
    upToDate: true,
    readyReplicas: 2,
    replicas: 2,
    version: '1.0.0',
    troubles: [],
    createdAt: '2026-01-01T00:00:00Z',
    ...changes,
  };
}

/** The view of a RestAPI with one component, with the given changes. */
export function view(changes: Partial<RestApiView> = {}): RestApiView {
  const pods = ['a', 'b'].map((name) => {
    return {
      name: `shop-model-${name}`,
      state: 'Running',
      ready: true,
      restarts: 0,
      createdAt: '2026-01-01T00:00:00Z',
    };
  });
  return {
    ...row(),
    conditions: [],
    front: 'shop:3000',
    environments: [
      {
        name: 'main',
        role: 'active',
        image: 'shop:1.0.0',
        version: '1.0.0',
        replicas: 2,
        readyReplicas: 2,
        components: [{ name: 'model', ready: 2, replicas: 2, pods }],
      },
    ],
    components: [{ name: 'model', ready: 2, replicas: 2, service: 'shop-model:8080', image: 'shop:1.0.0' }],
    healing: [],
    history: [],
    ...changes,
  };
}

/** Replaces every string in a value. */
export function withTexts<T>(value: T, text: string): T {
  if (typeof value === 'string') return text as T;
  if (Array.isArray(value)) return value.map((each) => withTexts(each, text)) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withTexts(each, text)])) as T;
  }
  return value;
}
