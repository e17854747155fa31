import type { StoredObject } from '../../operator/index.ts';
import type { Deployment } from '../../resources/index.ts';

/** The annotation of a pod template by which `kubectl rollout restart` restarts. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** Formats a time for the annotation. @param at RFC 3339, in UTC */
export function secondOf(at: string): string {
  return `${at.slice(0, 19)}Z`;
}

/** The patch that restarts a Deployment; its uid prevents creating one. */
export function restartPatch({ metadata: { namespace, name, uid } }: StoredObject<Deployment>, now: Date) {
  const annotations = { [RESTARTED_AT]: secondOf(now.toISOString()) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name, uid },
    spec: { template: { metadata: { annotations } } },
  };
}
