import { type CheckSpec, timeoutOf } from '../../resources/index.ts';

/** Describes why a request failed. */
export function problemOf(error: unknown, check: CheckSpec): string {
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT') return `no response within ${timeoutOf(check)} s`;
  return message || code || name;
}

/** Codes of failures to resolve a name. */
const UNRESOLVED = new Set(['EAI_AGAIN', 'ENOTFOUND']);

/** Whether a request was not sent because DNS did not know the server's name, or did not answer. */
export function isUnresolved(error: unknown): boolean {
  return UNRESOLVED.has((error as { code?: string }).code ?? '');
}

/** Codes of failures before a connection exists, or whose cause may be on the way: no name, no route, nobody listening. */
const UNREACHED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/** Whether a request may not have reached its server. That includes time-outs, as packets to a missing endpoint may vanish. */
export function isUnreached(error: unknown): boolean {
  const { name, code = '' } = error as Error & { code?: string };
  return name === 'TimeoutError' || UNREACHED.has(code);
}
