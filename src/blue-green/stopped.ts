import { fullReplicas, type RestAPI } from '../../resources/index.ts';

/**
 * Whether the spec stops the application: it requests 0 pods of every component. Nothing can be judged by pods that do not
 * exist, so no release begins or continues, no check is made, and no earlier version is kept running, until the
 * application is started.
 */
export function isStopped(api: RestAPI): boolean {
  return Object.values(fullReplicas(api)).every((count) => count === 0);
}

/** What a release that waits for the start says. */
export const STARTS_LATER =
  'The application is stopped (0 replicas). The release of this revision begins when it is started';
