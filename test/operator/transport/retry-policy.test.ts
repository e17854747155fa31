import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../../operator/transport/retry-after.ts';
import {
  isIdempotent,
  type RetryDecision,
  retryDecision,
  retryDelayMs,
} from '../../../operator/transport/retry-policy.ts';

const APPLY = 'application/apply-patch+yaml';
const requests = {
  get: { method: 'GET' },
  create: { method: 'POST', body: {} },
  update: { method: 'PUT', body: {} },
  apply: { method: 'PATCH', contentType: APPLY },
  mergePatch: { method: 'PATCH', contentType: 'application/merge-patch+json' },
  jsonPatch: { method: 'PATCH', contentType: 'application/json-patch+json' },
  deleteByName: { method: 'DELETE', body: { propagationPolicy: 'Background' } },
  deleteByUid: { method: 'DELETE', body: { preconditions: { uid: 'u' } } },
};

const answer = (status: number, retryAfter?: number, reason = '') =>
  ({ kind: 'answer', status, reason, retryAfterSeconds: retryAfter }) as const;

// [failure, what is decided for requests that may be repeated, what for those that may not]
const table: [string, Parameters<typeof retryDecision>[0], RetryDecision, RetryDecision][] = [
  ['connection refused', { kind: 'no-answer', fate: 'not-sent' }, 'retry', 'retry'],
  ['connection lost after sending', { kind: 'no-answer', fate: 'unknown' }, 'retry', 'fail'],
  ['429', answer(429), 'throttled', 'throttled'],
  ['429 with Retry-After', answer(429, 1), 'throttled', 'throttled'],
  ['503 with Retry-After', answer(503, 1), 'throttled', 'throttled'],
  ['503', answer(503), 'retry', 'fail'],
  ['502', answer(502), 'retry', 'fail'],
  ['504', answer(504), 'retry', 'fail'],
  ['500 ServerTimeout', answer(500, undefined, 'ServerTimeout'), 'retry', 'fail'],
  ['500', answer(500, undefined, 'InternalError'), 'fail', 'fail'],
  ['404', answer(404), 'fail', 'fail'],
  ['409', answer(409), 'fail', 'fail'],
  ['410', answer(410), 'fail', 'fail'],
  ['422', answer(422), 'fail', 'fail'],
];

describe('which failures are retried', () => {
  it.each(table)('%s', (_name, failure, repeatable, other) => {
    expect(retryDecision(failure, true, 'auto')).toBe(repeatable);
    expect(retryDecision(failure, false, 'auto')).toBe(other);
    expect(retryDecision(failure, true, 'never')).toBe('fail');
  });

  it.each([
    ['get', true],
    ['create', false],
    ['update', false],
    ['apply', true],
    ['mergePatch', false],
    ['jsonPatch', false],
    ['deleteByName', false],
    ['deleteByUid', true],
  ] as const)('%s may be repeated: %s', (name, expected) => {
    expect(isIdempotent(requests[name], 'auto')).toBe(expected);
    expect(isIdempotent(requests[name], 'idempotent')).toBe(true);
  });
});

describe('delays between attempts', () => {
  it('doubles the ceiling up to 5 s and draws below it', () => {
    expect([1, 2, 3, 4, 10].map((n) => retryDelayMs(n, undefined, () => 0.5))).toEqual([50, 100, 200, 400, 2500]);
    expect(retryDelayMs(3, undefined, () => 0)).toBe(0);
  });

  it('is never shorter than Retry-After', () => {
    for (const random of [0, 0.5, 0.999]) expect(retryDelayMs(1, 2, () => random)).toBeGreaterThanOrEqual(2000);
  });

  it('parses both forms of Retry-After', () => {
    expect(parseRetryAfter('3')).toBe(3);
    expect(parseRetryAfter('Wed, 21 Oct 2026 07:28:05 GMT', Date.parse('2026-10-21T07:28:00Z'))).toBe(5);
    expect(parseRetryAfter('soon')).toBeUndefined();
    expect(parseRetryAfter(undefined)).toBeUndefined();
  });
});
