import type { Dispatcher } from 'undici';
import { HTTP_PATH } from '../../resources/api/rules/http-path.ts';
import { type CheckAttempt, timeoutOf } from '../../resources/index.ts';
import type { AttemptResult } from '../blue-green/observed.ts';
import { checkOrigin } from './check-address.ts';
import { isUnreached, isUnresolved, problemOf } from './problem.ts';

/**
 * Makes one GET request. Origin and path are never joined to one URL, so no path leads to another host. Redirects are not
 * followed, and the body is not read. A failure to connect before the attempt's `reachableBy` is `unknown`, and at any time
 * that a name could not be resolved.
 */
export async function httpCheck(attempt: CheckAttempt, dispatcher: Dispatcher): Promise<AttemptResult> {
  const { check } = attempt;
  const { path = '/health', minStatus = 200, maxStatus = 299 } = check.http ?? {};
  let what = `GET ${path}`;
  try {
    const origin = checkOrigin(attempt);
    what = `GET ${origin}${path}`;
    if (!HTTP_PATH.test(path)) throw new Error('not a valid path');
    const timeoutMs = timeoutOf(check) * 1_000;
    const { statusCode, body } = await dispatcher.request({
      origin,
      path,
      method: 'GET',
      headers: { 'user-agent': 'restapi-operator' },
      signal: AbortSignal.timeout(timeoutMs),
      headersTimeout: timeoutMs,
    });
    body.on('error', () => {}).destroy();
    const ok = statusCode >= minStatus && statusCode <= maxStatus;
    const wanted = ok ? '' : `, expected ${minStatus} to ${maxStatus}`;
    return { ok, message: `${what} returned ${statusCode}${wanted}` };
  } catch (error) {
    const message = `${what}: ${problemOf(error, check)}`;
    const unknown = isUnresolved(error) || (Date.now() < (attempt.reachableBy ?? 0) && isUnreached(error));
    return { ok: false, message, ...(unknown && { unknown }) };
  }
}
