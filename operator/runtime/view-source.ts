import type { ResourceViews, ViewSource } from '../dashboard/views.ts';
import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';

/** The caches of one controller, as the dashboard reads them. */
interface Cached {
  plural: string;
  keys: () => string[];
  cached: (key: string) => StoredObject | undefined;
  related: (key: string, primary: StoredObject) => StoredObject[];
  subscribe: (listener: (key: string) => void) => void;
}

/** What the dashboard shows of a resource: a controller's views of what its caches hold. */
export function viewSource(
  views: ResourceViews<KubernetesObject>,
  { plural, keys, cached, related, subscribe }: Cached,
): ViewSource {
  return {
    plural,
    keys,
    row: (key) => {
      const primary = cached(key);
      return primary && views.row(primary);
    },
    full: (key) => {
      const primary = cached(key);
      return primary && views.full(primary, related(key, primary));
    },
    subscribe,
  };
}
