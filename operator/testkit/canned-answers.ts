/** What a gateway answers in place of JSON when a session has ended. */
export const LOGIN_PAGE =
  '<!doctype html><html><title>Sign in</title><body><form>Sign in to go on</form></body></html>\n';

/** A Status object for an HTTP status code. */
export function statusOf(code: number): object {
  const reasons: Record<number, string> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Expired',
    422: 'Invalid',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'injected by the fault proxy',
    reason: reasons[code] ?? '',
    code,
  };
}
