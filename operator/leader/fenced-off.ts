import { ApiError } from '../transport/api-error.ts';

/** How the messages of the shipped policy begin, see kustomize/components/fencing/policy.yaml. */
const FENCED_OFF = 'fenced off by leader election';

/**
 * Whether the fence on the server has refused a write: another process leads by now. The writer should not try again, but
 * tell LeaderElector.doubt().
 */
export function isFencedOff(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403 && error.message.includes(FENCED_OFF);
}
