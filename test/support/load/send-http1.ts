import { type Agent, type ClientRequest, request } from 'node:http';
import { failureCause } from './failure-cause.ts';
import type { LoadRequest, Outcome } from './outcome.ts';

/**
 * Sends one HTTP/1.1 request and reads the whole answer.
 *
 * @param settle called once. `cutEarly`: a kept connection ended before any byte of the answer, which real clients retry
 */
export function sendHttp1(
  url: URL,
  agent: Agent,
  { method, path, body }: LoadRequest,
  settle: (outcome: Outcome, cutEarly: boolean) => void,
): ClientRequest {
  let settled = false;
  let bytesBefore = 0;
  const sent = request({
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port || 80,
    method,
    path,
    agent,
    headers:
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  });
  const finish = (outcome: Outcome, cutEarly = false) => {
    if (settled) return;
    settled = true;
    settle(outcome, cutEarly);
  };
  const fail = (error: Error, answerBegan: boolean) => {
    const cause = failureCause(error, answerBegan);
    const untouched = sent.reusedSocket && sent.socket?.bytesRead === bytesBefore;
    finish({ cause, detail: error.message }, untouched && (cause === 'eof' || cause === 'reset'));
  };
  sent.once('socket', (socket) => {
    bytesBefore = socket.bytesRead;
  });
  sent.on('error', (error) => fail(error, false));
  sent.once('response', (response) => {
    const versions = response.headers['x-shop-versions'];
    response.on('error', (error) => fail(error, true));
    response.once('end', () =>
      finish({ status: response.statusCode ?? 0, versions: Array.isArray(versions) ? versions.join(',') : versions }),
    );
    response.resume();
  });
  sent.end(body);
  return sent;
}
