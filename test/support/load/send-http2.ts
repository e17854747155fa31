import { type ClientHttp2Session, constants } from 'node:http2';
import { failureCause } from './failure-cause.ts';
import type { Cancel, LoadRequest, Outcome } from './outcome.ts';

/**
 * Sends one request on an HTTP/2 session and reads the whole answer.
 *
 * @param lastStreamId the last stream that the server processes, by its GOAWAY if it sent one
 * @param settle called once. `refused`: the server has not processed the request, by REFUSED_STREAM or GOAWAY
 */
export function sendHttp2(
  session: ClientHttp2Session,
  { method, path, body }: LoadRequest,
  lastStreamId: () => number | undefined,
  settle: (outcome: Outcome, refused: boolean) => void,
): Cancel {
  const stream = session.request(
    { ':method': method, ':path': path, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    { endStream: body === undefined },
  );
  let status: number | undefined;
  let versions: string | undefined;
  let ended = false;
  let error: Error | undefined;
  stream.once('response', (headers) => {
    status = headers[':status'];
    versions = headers['x-shop-versions']?.toString();
  });
  stream.once('end', () => {
    ended = true;
  });
  stream.on('error', (cause) => {
    error = cause;
  });
  // What cuts a stream does not always cause an error; `close` always comes.
  stream.once('close', () => {
    const { rstCode } = stream;
    if (status !== undefined && ended && !error && rstCode === constants.NGHTTP2_NO_ERROR) {
      settle({ status, versions }, false);
      return;
    }
    const detail = error?.message ?? `stream closed without ${status === undefined ? 'an answer' : 'the whole answer'}`;
    const beyond = (stream.id ?? 0) > (lastStreamId() ?? Number.POSITIVE_INFINITY);
    const refused = status === undefined && (beyond || rstCode === constants.NGHTTP2_REFUSED_STREAM);
    settle({ cause: refused ? 'stream refused' : streamCause(error, status !== undefined), detail }, refused);
  });
  stream.resume();
  if (body !== undefined) stream.end(body);
  return () => stream.close(constants.NGHTTP2_CANCEL);
}

function streamCause(error: (Error & { code?: string }) | undefined, answerBegan: boolean): string {
  if (answerBegan) return 'body cut';
  if (!error) return 'eof';
  if (error.code === 'ERR_HTTP2_STREAM_ERROR') return 'stream reset';
  if (error.code === 'ERR_HTTP2_ERROR') return 'protocol';
  // A stream whose session could not connect.
  return failureCause(error.cause instanceof Error ? error.cause : error, false);
}
