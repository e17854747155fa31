import type { IncomingHttpHeaders } from 'node:http';
import { errorFields, type Logger } from '../log/logger.ts';
import { ThrottledLogger } from '../log/throttled-logger.ts';
import type { AccessReviewer } from './access-reviewer.ts';
import { type Scheme, tokenOf } from './token-of.ts';

/** Why a request gets no answer. */
export interface AccessRefusal {
  status: 401 | 403 | 503;
  message: string;
  /** Value of the header WWW-Authenticate. */
  challenge?: string;
}

/** Refuses requests of clients without a token of the cluster, or whose user may not `get` a path. Fails closed. */
export class AccessGuard {
  readonly #reviewer: AccessReviewer;
  readonly #schemes: readonly Scheme[];
  readonly #failures: ThrottledLogger;

  /** @param schemes the first one is asked for. Default: `Bearer` alone */
  constructor(reviewer: AccessReviewer, logger: Logger, schemes: readonly Scheme[] = ['Bearer']) {
    this.#reviewer = reviewer;
    this.#schemes = schemes;
    this.#failures = new ThrottledLogger(logger, 'Could not review the token of a client, refusing its request');
  }

  /**
   * Returns why a request is refused: 401 without a valid token, 403 without the right, 503 if the API server gives no answer;
   * undefined if it is not. Never throws.
   *
   * @param path the nonResourceURL that the user must be allowed to `get`
   */
  async refusal({ authorization }: IncomingHttpHeaders, path: string): Promise<AccessRefusal | undefined> {
    const token = tokenOf(authorization, this.#schemes);
    if (token === undefined) return this.#unauthenticated('send a token of the cluster');
    try {
      const verdict = await this.#reviewer.verdict(token, path);
      if (verdict === 'unauthenticated') return this.#unauthenticated('the token is not valid');
      if (verdict === 'forbidden') {
        return { status: 403, message: `the user of the token may not get the nonResourceURL ${path}` };
      }
      return undefined;
    } catch (error) {
      this.#failures.warn({ path, ...errorFields(error) });
      return { status: 503, message: 'the token could not be reviewed; see the operator log' };
    }
  }

  #unauthenticated(message: string): AccessRefusal {
    const [scheme] = this.#schemes;
    const challenge = scheme === 'Basic' ? 'Basic realm="a token as password", charset="UTF-8"' : 'Bearer';
    return { status: 401, message, challenge };
  }
}
