import { describe, expect, test } from 'vitest';
import { decideMove, type Lease, specAfter } from '../../operator/leader/lease.ts';

const lease = (holderIdentity: string, leaseDurationSeconds?: number): Lease => ({
  metadata: { name: 'l', resourceVersion: '1' },
  spec: { holderIdentity, leaseDurationSeconds, leaseTransitions: 4, acquireTime: 'then' },
});

describe('what to do about the lease', () => {
  test.each<[string, Lease | undefined, number, object]>([
    ['there is none', undefined, 0, { move: 'take' }],
    ['nobody holds it', lease(''), 0, { move: 'take' }],
    ['we hold it', lease('me', 15), 999_999, { move: 'renew' }],
    ['somebody holds it', lease('other', 15), 5_000, { move: 'wait', delayMs: 10_000 }],
    ['it has just expired', lease('other', 15), 15_000, { move: 'take' }],
    ['it says no duration', lease('other'), 5_000, { move: 'wait', delayMs: 7_000 }],
  ])('%s', (_name, observed, nowMs, move) => {
    expect(decideMove({ lease: observed, sinceMs: 0 }, 'me', nowMs, 12_000)).toEqual(move);
  });
});

describe('what is written into it', () => {
  const now = new Date('2026-01-02T03:04:05.678Z');
  test('by the first holder', () => {
    expect(specAfter(undefined, 'take', 'me', 15, now)).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-02T03:04:05.678000Z',
      renewTime: '2026-01-02T03:04:05.678000Z',
      leaseTransitions: 0,
    });
  });
  test('by the next one', () => {
    expect(specAfter(lease('other'), 'take', 'me', 15, now)).toMatchObject({
      holderIdentity: 'me',
      leaseTransitions: 5,
    });
  });
  test('when it is renewed', () => {
    expect(specAfter(lease('me'), 'renew', 'me', 15, now)).toMatchObject({ acquireTime: 'then', leaseTransitions: 4 });
  });
  test('when it is given up', () => {
    expect(specAfter(lease('me'), 'release', 'me', 15, now)).toMatchObject({ holderIdentity: '', leaseTransitions: 4 });
  });
});
