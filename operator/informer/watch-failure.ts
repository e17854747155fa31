import { ApiError, isGone } from '../transport/api-error.ts';
import { TransportError } from '../transport/transport-error.ts';

/** How to continue after a watch or a list failed. */
export interface Recovery {
  /**
   * - `check`: reopen the watch where it stopped, after checking that the server's history is the same (etcd restored from a
   *   backup).
   * - `relist`: the cache can no longer be trusted or continued.
   */
  action: 'check' | 'relist';
  /** Routine: no warning, no pause the first time. */
  expected: boolean;
  /** Groups failures that share one log line. */
  kind: string;
  /** One line: the problem, and the remedy where there is one. */
  message: string;
  /** The status the server answered; undefined where the request or stream broke off. */
  status?: number;
}

/** Classifies a failure. Pure. `what` names the collection, such as `restapis.restapi.dev in namespace x`. */
export function recoveryFrom(error: unknown, what: string): Recovery {
  const recovery = classify(error, what);
  return error instanceof ApiError ? { ...recovery, status: error.status } : recovery;
}

function classify(error: unknown, what: string): Recovery {
  const message = error instanceof Error ? error.message : String(error);
  if (isGone(error)) return { action: 'relist', expected: true, kind: 'gone', message };
  if (error instanceof ApiError) {
    const kind = `status ${error.status}`;
    switch (error.status) {
      case 401:
        return {
          action: 'check',
          expected: false,
          kind,
          message: `${message}. The server rejected the credentials: check the kubeconfig or the ServiceAccount's token`,
        };
      case 403:
        return {
          action: 'check',
          expected: false,
          kind,
          message: `${message}. Grant the verbs list and watch on ${what} to this user or ServiceAccount (RBAC)`,
        };
      case 404:
        // After a CRD came back, the old version means nothing.
        return {
          action: 'relist',
          expected: false,
          kind,
          message: `${message}. The server does not serve ${what}: install its CRD, or check group, version and plural`,
        };
      case 429:
      case 503:
        return { action: 'check', expected: false, kind, message };
      default:
        return { action: 'relist', expected: false, kind, message };
    }
  }
  if (error instanceof TransportError)
    return { action: 'check', expected: false, kind: error.timedOut ? 'timeout' : 'network', message };
  return { action: 'relist', expected: false, kind: error instanceof Error ? error.name : 'unknown', message };
}
