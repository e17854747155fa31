import { type ApiClient, TransportError } from '../../operator/index.ts';
import { proxyProblem } from './proxy-answer.ts';
import { isProxyable, proxyPath, type ServiceAddress } from './service-address.ts';

/** How much is read of an error. Those of the API server are shorter. */
const MAX_ERROR_BYTES = 64 * 1_024;

/** The server behind a Service gave no answer. That says nothing about it. */
export class NoProxiedAnswerError extends Error {
  override readonly name = 'NoProxiedAnswerError';
  /** Whether repeating the request cannot help. */
  readonly final: boolean;

  constructor(message: string, { final = false, cause }: { final?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.final = final;
  }
}

/** An answer of the server behind a Service. */
export interface ServiceAnswer {
  status: number;
  /** The body; undefined if it was not read, or is longer than wanted. */
  text: string | undefined;
}

/**
 * Sends a GET to a Service through the API server's service proxy, with the credentials of the client. Needs the right to get
 * `services/proxy`. Redirects are not followed.
 *
 * @param path with its query, sent as it is
 * @param timeoutMs deadline of the request, milliseconds
 * @param maxBytes how much is read of the body of a success; 0: it is not read
 * @param signal ends the request
 * @throws NoProxiedAnswerError if there is no answer, or it is not one of the server behind the Service
 */
export async function getThroughProxy(
  client: ApiClient,
  address: ServiceAddress,
  path: string,
  { timeoutMs, maxBytes, signal }: { timeoutMs: number; maxBytes: number; signal: AbortSignal },
): Promise<ServiceAnswer> {
  if (!isProxyable(path)) {
    const message =
      'the API server may not pass the path on unchanged: it has a dot segment, or an empty or encoded one';
    throw new NoProxiedAnswerError(message, { final: true });
  }
  const limits = { connectTimeoutMs: timeoutMs, deadlineMs: timeoutMs, signal };
  try {
    const stream = await client.stream({ path: proxyPath(address) + path, accept: '*/*', anyStatus: true, ...limits });
    const { status, headers } = stream;
    try {
      const limit = status >= 400 ? Math.max(maxBytes, MAX_ERROR_BYTES) : maxBytes;
      const text = limit > 0 ? await bodyOf(stream, limit) : undefined;
      const problem = proxyProblem({ status, headers, text }, address);
      if (problem !== undefined) throw new NoProxiedAnswerError(problem);
      return { status, text };
    } finally {
      stream.close();
    }
  } catch (error) {
    if (error instanceof NoProxiedAnswerError) throw error;
    const isLate = error instanceof TransportError && error.timedOut;
    const message = isLate ? `no response within ${timeoutMs / 1_000} s` : (error as Error).message;
    throw new NoProxiedAnswerError(message, { cause: error });
  }
}

/** @returns undefined for a body that is longer or takes too long: the API server's own are short and complete */
async function bodyOf(stream: AsyncIterable<Uint8Array>, limit: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.byteLength;
      if (size > limit) return undefined;
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TransportError && error.timedOut) return undefined;
    throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
}
