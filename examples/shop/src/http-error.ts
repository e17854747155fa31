import type { Hop } from './hops.ts';

/** One invalid field of a request. */
export interface FieldProblem {
  field: string;
  problem: string;
}

/** An error that becomes the answer to the request. */
export class HttpError extends Error {
  readonly status: number;
  readonly details: { problems?: FieldProblem[]; headers?: Record<string, string>; hops?: Hop[] };

  constructor(status: number, message: string, details: HttpError['details'] = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.details = details;
  }
}
