import { contentTypeForMessage, isJsonType } from './answer-shape.ts';
import { ApiError } from './api-error.ts';
import type { RequestScope } from './request-scope.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { Answer } from './send.ts';
import { TransportError } from './transport-error.ts';
import { UnexpectedAnswerError } from './unexpected-answer-error.ts';
import { WriteRefusedError } from './write-refused-error.ts';

/** Checks the parsed body of a 2xx answer. @returns the problem, undefined where there is none */
export type Check = (answer: unknown) => string | undefined;

export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** Returns the body of a 2xx answer: parsed JSON, or text if no JSON was requested. @throws UnexpectedAnswerError */
export function readAnswer(answer: Answer, wantsJson: boolean, check: Check, scope: RequestScope): unknown {
  const { status, text, headers } = answer;
  if (!wantsJson) return text === '' ? undefined : text;
  const type = headers['content-type'];
  if (!isJsonType(type) && text !== '') {
    throw scope.unexpected(status, `with ${contentTypeForMessage(type)} instead of JSON`);
  }
  let value: unknown;
  try {
    // JSON.parse makes `__proto__` an ordinary own property; nothing after it may copy objects by assignment.
    value = text === '' ? undefined : JSON.parse(text);
  } catch {
    // Without cause: the parser's message quotes what it read.
    throw scope.unexpected(status, 'with a body that is not valid JSON');
  }
  const problem = check(value);
  if (problem !== undefined) throw scope.unexpected(status, problem);
  return value;
}

/** Builds the error for an answer that is not 2xx. @param note see ApiErrorInit */
export function apiErrorOf(answer: Answer, scope: RequestScope, note?: string): ApiError {
  return new ApiError({
    status: answer.status,
    method: scope.method,
    path: scope.path,
    body: answer.text,
    retryAfterSeconds: parseRetryAfter(answer.headers['retry-after']),
    note,
  });
}

/** Returns the `code` of a RequestObservation for a failed request. */
export function codeOf(error: unknown): string {
  if (error instanceof ApiError) return String(error.status);
  if (error instanceof UnexpectedAnswerError) return 'unexpected';
  if (error instanceof TransportError) return error.timedOut ? 'timeout' : 'network';
  if (error instanceof WriteRefusedError) return 'refused';
  return 'aborted';
}
