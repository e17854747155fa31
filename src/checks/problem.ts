import { type CheckSpec, timeoutOf } from '../../resources/index.ts';

/** Describes why a request failed. */
export function problemOf(error: unknown, check: CheckSpec): string {
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT') return `no response within ${timeoutOf(check)} s`;
  return message || code || name;
}
