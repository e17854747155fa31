import { ApiError } from '../transport/api-error.ts';

/** How the messages of the shipped policy begin, see kustomize/components/fencing/policy.yaml. */
const FENCED_OFF = 'fenced off by leader election';

/** How the API server says that the Lease the policy goes by is gone. */
const NO_LEASE = 'no params found for policy binding';

/**
 * Whether the fence on the server has refused a write: another process leads by now, or the Lease is gone. The writer should not
 * try again, but tell LeaderElector.doubt().
 */
export function isFencedOff(error: unknown): error is ApiError {
  if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500) return false;
  return error.message.includes(FENCED_OFF) || error.message.includes(NO_LEASE);
}
