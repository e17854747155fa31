const CAUSES: Record<string, string> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'unknown host',
};

/**
 * Names the cause of a failed request: `refused`, `reset`, `eof` (closed without an answer), `body cut` (closed within the answer),
 * `timeout`, `unreachable`, `protocol`, or the error's code. Codes such as EMFILE and EADDRNOTAVAIL are faults of this machine.
 */
export function failureCause(error: Error & { code?: string }, answerBegan: boolean): string {
  if (answerBegan) return 'body cut';
  // node:http reports a connection that the server closed as a reset with this message.
  if (error.message === 'socket hang up') return 'eof';
  const code = error.code ?? error.name;
  if (code.startsWith('HPE_')) return 'protocol';
  return CAUSES[code] ?? code;
}
