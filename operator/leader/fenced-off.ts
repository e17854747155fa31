import { ApiError } from '../transport/api-error.ts';

/** Prefix of the messages of the shipped policy, see kustomize/components/fencing/policy.yaml. */
const FENCED_OFF = 'fenced off by leader election';

/**
 * Whether the fence on the server has rejected a write because another process leads. The writer should not retry, but call
 * LeaderElector.doubt().
 */
export function isFencedOff(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403 && error.message.includes(FENCED_OFF);
}
