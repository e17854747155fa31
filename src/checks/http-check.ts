import type { Dispatcher } from 'undici';
import type { ApiClient } from '../../operator/index.ts';
import { HTTP_PATH } from '../../resources/api/rules/http-path.ts';
import { type CheckAttempt, timeoutOf } from '../../resources/index.ts';
import type { AttemptResult } from '../blue-green/observed.ts';
import type { ServiceAddress } from '../services/service-address.ts';
import { getThroughProxy, NoProxiedAnswerError } from '../services/service-proxy.ts';
import { checkedService, originOf } from './check-address.ts';
import { isUnreached, isUnresolved, problemOf } from './problem.ts';

/** Sends the request of a check and returns the status of the answer. */
type Send = (service: ServiceAddress, path: string, timeoutMs: number) => Promise<number>;

/**
 * Makes one GET request. Origin and path are never joined to one URL, so no path leads to another host. Redirects are not
 * followed, and the body is not read. A failure to connect before the attempt's `reachableBy` is `unknown`, and at any time
 * that a name could not be resolved.
 *
 * @param signal ends the request; its result means nothing then
 */
export async function httpCheck(
  attempt: CheckAttempt,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const send: Send = async (service, path, timeoutMs) => {
    const { statusCode, body } = await dispatcher.request({
      origin: originOf(service),
      path,
      method: 'GET',
      headers: { 'user-agent': 'restapi-operator' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headersTimeout: timeoutMs,
    });
    body.on('error', () => {}).destroy();
    return statusCode;
  };
  const isUnknown = (error: unknown) =>
    isUnresolved(error) || (Date.now() < (attempt.reachableBy ?? 0) && isUnreached(error));
  return judged(attempt, '', send, isUnknown);
}

/**
 * As httpCheck(), through the API server's service proxy, for an operator outside the cluster. Only an answer of the component
 * counts: whatever keeps the request from it is `unknown`, at any time, as the cause may be the way to it.
 */
export async function proxiedHttpCheck(
  attempt: CheckAttempt,
  client: ApiClient,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const send: Send = async (service, path, timeoutMs) =>
    (await getThroughProxy(client, service, path, { timeoutMs, maxBytes: 0, signal })).status;
  return judged(attempt, ' through the API server', send, (error) => error instanceof NoProxiedAnswerError);
}

async function judged(
  attempt: CheckAttempt,
  way: string,
  send: Send,
  isUnknown: (error: unknown) => boolean,
): Promise<AttemptResult> {
  const { check } = attempt;
  const { path = '/health', minStatus = 200, maxStatus = 299 } = check.http ?? {};
  let what = `GET ${path}`;
  try {
    const service = checkedService(attempt);
    what = `GET ${originOf(service)}${path}${way}`;
    if (!HTTP_PATH.test(path)) throw new Error('not a valid path');
    const status = await send(service, path, timeoutOf(check) * 1_000);
    const ok = status >= minStatus && status <= maxStatus;
    const wanted = ok ? '' : `, expected ${minStatus} to ${maxStatus}`;
    return { ok, message: `${what} returned ${status}${wanted}` };
  } catch (error) {
    const message = `${what}: ${problemOf(error, check)}`;
    const final = error instanceof NoProxiedAnswerError && error.final;
    return { ok: false, message, ...(isUnknown(error) && { unknown: true }), ...(final && { final }) };
  }
}
