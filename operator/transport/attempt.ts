import type { RequestObservation } from './api-client-types.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { ResolvedCredentials } from './credentials.ts';
import type { OutgoingRequest } from './exchange.ts';
import type { FairPlaces } from './fair-places.ts';
import { codeOf, isSuccess } from './read-answer.ts';
import { requestFlow, requestName } from './request-name.ts';
import type { RequestScope } from './request-scope.ts';
import { type Answer, send } from './send.ts';
import { WriteRefusedError } from './write-refused-error.ts';

/** What an attempt needs of its client. */
export interface AttemptParts {
  places: FairPlaces;
  pool: ConnectionPool;
  mayWrite: (path: string) => boolean;
  onRequest: ((observation: RequestObservation) => void) | undefined;
}

/** One attempt of a request. */
export interface Attempt {
  scope: RequestScope;
  outgoing: OutgoingRequest;
  credentials: ResolvedCredentials;
  contentType: string;
  readAnswer: (answer: Answer) => unknown;
}

/** Makes one attempt: waits for a slot, sends, reads. The slot is released before any pause between attempts. */
export async function makeAttempt(
  { places, pool, mayWrite, onRequest }: AttemptParts,
  { scope, outgoing, credentials, contentType, readAnswer }: Attempt,
): Promise<{ answer: Answer; value: unknown }> {
  const { method } = outgoing;
  const flow = requestFlow(method, scope.path);
  const queued = performance.now();
  const place =
    places.tryAcquire(flow) ?? (await scope.queue(places.acquire(flow, scope.signal), () => places.reason(flow)));
  const started = performance.now();
  let code = '';
  try {
    const refusal = () =>
      method === 'GET' || mayWrite(scope.path) ? undefined : new WriteRefusedError(method, scope.path);
    const refused = refusal();
    if (refused !== undefined) throw refused;
    const answer = await send(
      (sent, listener) => pool.start(credentials, 'requests', sent, listener),
      outgoing,
      scope,
      refusal,
    );
    const value = isSuccess(answer) ? readAnswer(answer) : undefined;
    code = String(answer.status);
    return { answer, value };
  } catch (error) {
    code = codeOf(error);
    throw error;
  } finally {
    place.release();
    onRequest?.({
      method,
      ...requestName(method, scope.path, false, contentType),
      code,
      durationSeconds: (performance.now() - started) / 1000,
      queuedSeconds: (started - queued) / 1000,
    });
  }
}
