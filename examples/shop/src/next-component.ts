import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { hopsIn } from './hops.ts';
import { HttpError } from './http-error.ts';
import type { ComponentName } from './settings.ts';
import type { Span } from './tracing.ts';

/** A request that is being answered; calls on its behalf end with it. */
export interface CallScope {
  span: Span;
  /** When the caller stops waiting, by performance.now(). */
  deadline: number;
}

/** Milliseconds that the caller of a component waits for its answer. */
export const BUDGET = 'x-shop-budget-ms';
/** Each component reports that the next one is late before its own caller stops waiting. */
const RESERVE_MS = 100;

/** The component behind this one. */
export class NextComponent {
  readonly #name: ComponentName;
  readonly #url: string;
  readonly #agent = new Agent({
    keepAlive: true,
    maxSockets: 64,
    maxFreeSockets: 16,
    // Unused connections are closed by this side first, well before a server that drains closes them.
    timeout: 2_000,
  });

  constructor({ name, url }: { name: ComponentName; url: string }) {
    this.#name = name;
    this.#url = url;
  }

  /**
   * Sends a request, and again if it is idempotent and its kept connection turns out to be closed.
   * @returns the JSON body of the answer
   * @throws HttpError with the status of an error answer; 502 without a valid answer, 504 after the deadline
   */
  async call(
    method: 'GET' | 'POST',
    path: string,
    { span: parent, deadline }: CallScope,
    body?: object,
  ): Promise<object> {
    const span = parent.client(`${method} ${path}`, { 'http.request.method': method, 'url.full': this.#url + path });
    try {
      const send = (agent: Agent | false) => this.#send({ method, path, agent }, span, deadline, body);
      const answer = await send(this.#agent).catch((error) => {
        if (method !== 'GET' || !(error instanceof ClosedConnectionError)) throw error;
        // Other kept connections may be closed, too, so this opens a new one.
        return send(false);
      });
      span.set({ 'http.response.status_code': answer.status });
      if (answer.status >= 400) throw errorOf(answer);
      span.end();
      return answer.body;
    } catch (error) {
      const failure = this.#describe(error);
      span.end(failure.message);
      throw failure;
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(options: SendOptions, span: Span, deadline: number, body?: object): Promise<Answer> {
    const budgetMs = Math.floor(deadline - performance.now()) - RESERVE_MS;
    if (budgetMs <= 0) throw new LateError();
    const { path, ...transport } = options;
    const sent = request(this.#url + path, {
      ...transport,
      headers: {
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
        [BUDGET]: String(budgetMs),
        ...span.headers,
      },
    });
    // Not AbortSignal.timeout(), whose timer would outlive the request.
    const timer = setTimeout(() => sent.destroy(new LateError()), budgetMs);
    try {
      sent.end(body && JSON.stringify(body));
      const response = await responseTo(sent);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      return { status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
    } finally {
      clearTimeout(timer);
    }
  }

  #describe(error: unknown): HttpError {
    if (error instanceof HttpError) return error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof LateError) {
      return new HttpError(504, `The ${this.#name} at ${this.#url} did not answer in time`);
    }
    return new HttpError(502, `The ${this.#name} at ${this.#url} did not answer: ${code ?? message}`);
  }
}

interface SendOptions {
  method: string;
  path: string;
  /** `false`: a connection of its own. */
  agent: Agent | false;
}

interface Answer {
  status: number;
  body: object;
}

function responseTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', (error: NodeJS.ErrnoException) => {
      const closed = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(closed ? new ClosedConnectionError(error.message) : error);
    });
  });
}

/** The deadline passed. */
class LateError extends Error {}

/** The server closed a kept connection before it sent a byte of the answer. */
class ClosedConnectionError extends Error {
  readonly code = 'ECONNRESET';
}

/** An error of the next component is also the answer of this one. */
function errorOf({ status, body }: Answer): HttpError {
  const { error, problems } = body as { error?: string; problems?: [] };
  return new HttpError(status, error ?? `status ${status}`, { problems, hops: hopsIn(body) });
}
