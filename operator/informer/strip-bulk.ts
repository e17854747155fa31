import type { KubernetesObject } from '../kubernetes-object.ts';

/** kubectl keeps a second copy of the whole object here. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Removes what controllers never read and what is often more than half of an object: metadata.managedFields and kubectl's
 * last-applied annotation. Changes the given object and returns it.
 */
export function stripBulk<T extends KubernetesObject>(object: T): T {
  const metadata = object.metadata;
  if (metadata === undefined) return object;
  delete metadata.managedFields;
  if (metadata.annotations?.[LAST_APPLIED] !== undefined) delete metadata.annotations[LAST_APPLIED];
  return object;
}
