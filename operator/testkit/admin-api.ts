import { Agent, type RequestOptions, request } from 'node:https';
import type { KeyPairPem } from './certificates.ts';

/**
 * An answer of the API server other than 2xx.
 *
 * @example
 * ```ts
 * if (error instanceof ApiStatusError && error.status === 409) return;
 * ```
 */
export class ApiStatusError extends Error {
  override readonly name = 'ApiStatusError';
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: ${status} ${body.slice(0, 500)}`);
    this.status = status;
  }
}

/** The few requests the test kit itself makes, as the cluster's administrator, over kept connections. */
export class AdminApi {
  readonly #agent: Agent;
  readonly #port: number;

  constructor(port: number, ca: string, credentials: KeyPairPem) {
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, ca, ...credentials });
  }

  /**
   * One request with a JSON body (for PATCH a merge patch) and a JSON (or, for health checks, text) answer.
   *
   * @throws ApiStatusError for an answer other than 2xx, Error when there is no answer within the deadline
   */
  request(method: string, path: string, body?: unknown, deadlineMs = 10_000): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const options: RequestOptions = {
        host: '127.0.0.1',
        port: this.#port,
        method,
        path,
        agent: this.#agent,
        headers: {
          accept: 'application/json',
          'user-agent': 'k8s-operator-testkit',
          ...(payload === undefined
            ? {}
            : {
                'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
                'content-length': Buffer.byteLength(payload),
              }),
        },
      };
      const call = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const status = response.statusCode ?? 0;
          if (status < 200 || status > 299) reject(new ApiStatusError(method, path, status, text));
          else resolve(response.headers['content-type']?.includes('json') ? JSON.parse(text) : text);
        });
      });
      const timer = setTimeout(
        () => call.destroy(new Error(`${method} ${path}: no answer within ${deadlineMs} ms`)),
        deadlineMs,
      );
      call.on('close', () => clearTimeout(timer));
      call.on('error', reject);
      call.end(payload);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
