import { describe, expect, test } from 'vitest';
import {
  type Candidate,
  decideMove,
  GREATEST_TERM,
  type Lease,
  nextTerm,
  type Observation,
  saysTheSame,
  specAfter,
  wentBack,
} from '../../../operator/leader/lease.ts';

type Spec = NonNullable<Lease['spec']>;

const lease = (holderIdentity: string, spec: Spec = {}, resourceVersion = '7', uid = 'a'): Lease => ({
  metadata: { name: 'l', uid, resourceVersion },
  spec: { holderIdentity, leaseDurationSeconds: 15, leaseTransitions: 4, acquireTime: 'then', ...spec },
});

const me: Candidate = { identity: 'me', ownTerm: undefined, leading: false, durationMs: 12_000, pollMs: 3_000 };
const seen = (what: Lease | undefined, more: Partial<Observation> = {}): Observation => ({
  lease: what,
  sinceMs: 0,
  confirmedMs: 0,
  heardMs: 0,
  notBeforeMs: 0,
  ...more,
});

describe('the next move', () => {
  test.each<[string, Observation, Partial<Candidate>, number, object]>([
    ['it was never read', seen(undefined, { confirmedMs: undefined }), {}, 0, { move: 'read' }],
    [
      'D1: a conflict left it unknown',
      seen(lease('me'), { confirmedMs: undefined }),
      { leading: true, ownTerm: 4 },
      0,
      { move: 'read' },
    ],
    ['there is none', seen(undefined), {}, 0, { move: 'take' }],
    ['nobody holds it', seen(lease('')), {}, 5, { move: 'take' }],
    ['we lead by it', seen(lease('me')), { leading: true, ownTerm: 4 }, 999_999, { move: 'renew' }],
    ['we lead, and it is of another term', seen(lease('me')), { leading: true, ownTerm: 5 }, 0, { move: 'lose' }],
    ['we lead, and it is gone', seen(undefined), { leading: true, ownTerm: 4 }, 0, { move: 'lose' }],
    ['we lost it by our own deadline', seen(lease('me')), { ownTerm: 4 }, 5, { move: 'take' }],
    [
      'D2: it names us in an older term',
      seen(lease('me'), { heardMs: 4_000 }),
      { ownTerm: 9 },
      5_000,
      { move: 'wait', delayMs: 2_000 },
    ],
    ['D2: it names us, and we never took it', seen(lease('me')), {}, 1_000, { move: 'wait', delayMs: 2_000 }],
    ['somebody holds it', seen(lease('other'), { heardMs: 14_000 }), {}, 14_500, { move: 'wait', delayMs: 500 }],
    ['D1: nothing was heard of it', seen(lease('other')), {}, 3_000, { move: 'read' }],
    [
      'D1: it looks expired',
      seen(lease('other'), { heardMs: 14_000, confirmedMs: 14_000 }),
      {},
      15_000,
      { move: 'read' },
    ],
    ['D1: it is expired', seen(lease('other'), { confirmedMs: 15_000 }), {}, 15_001, { move: 'take' }],
    [
      'it says no duration',
      seen(lease('other', { leaseDurationSeconds: null }), { confirmedMs: 12_000 }),
      {},
      12_001,
      { move: 'take' },
    ],
    [
      'its duration is 0',
      seen(lease('other', { leaseDurationSeconds: 0 }), { heardMs: 11_000 }),
      {},
      11_500,
      { move: 'wait', delayMs: 500 },
    ],
    [
      'its duration is negative',
      seen(lease('other', { leaseDurationSeconds: -1 }), { heardMs: 11_000 }),
      {},
      11_500,
      { move: 'wait', delayMs: 500 },
    ],
    [
      'D5: it lasts for 30 years',
      seen(lease('other', { leaseDurationSeconds: 1e9 })),
      {},
      1_000,
      { move: 'wait', delayMs: 2_000 },
    ],
    [
      'D2: it is free, and a lost leader may go on',
      seen(lease(''), { notBeforeMs: 9_000, heardMs: 8_000 }),
      {},
      8_000,
      { move: 'wait', delayMs: 1_000 },
    ],
    [
      'it was deleted under a leader',
      seen(undefined, { notBeforeMs: 9_000, heardMs: 8_000 }),
      {},
      8_000,
      { move: 'wait', delayMs: 1_000 },
    ],
    [
      'that leader has stopped by now',
      seen(undefined, { notBeforeMs: 9_000, confirmedMs: 9_000 }),
      {},
      9_000,
      { move: 'take' },
    ],
  ])('%s', (_name, observation, candidate, nowMs, move) => {
    expect(decideMove(observation, { ...me, ...candidate }, nowMs)).toEqual(move);
  });
});

describe('D2: a history that went back is detected', () => {
  const wrote = lease('me', { renewTime: '2026-01-02T03:04:05.000000Z' });
  test.each<[string, Lease | undefined, Lease | undefined, boolean]>([
    ['nothing was known', undefined, lease('me'), false],
    ['it is gone', lease('me'), undefined, false],
    ['it was renewed', lease('other'), lease('other', {}, '8'), false],
    ['its version is lower', lease('other'), lease('other', {}, '6'), true],
    ['its version is lower by a digit', lease('other', {}, '10'), lease('other', {}, '9'), true],
    ['it was deleted and made again', lease('other'), lease('next', { leaseTransitions: 0 }, '8', 'b'), false],
    [
      'it was restored, and renewed past the version we know',
      lease('other'),
      lease('other', { leaseTransitions: 3 }, '8'),
      true,
    ],
    [
      'the clock of another was set back',
      { ...wrote, spec: { ...wrote.spec, holderIdentity: 'other' } },
      lease('other', { renewTime: '2026-01-02T03:00:00.000000Z' }, '8'),
      false,
    ],
    ['our own renewal is lost', wrote, lease('me', { renewTime: '2026-01-02T03:00:00.000000Z' }, '8'), true],
  ])('%s: %#', (_name, before, now, back) => {
    expect(wentBack(before, now, 'me') !== undefined).toBe(back);
  });
});

test('only writes of the holder count as renewals', () => {
  expect(saysTheSame(lease('other'), lease('other', {}, '8'))).toBe(true);
  expect(saysTheSame(lease('other'), lease('other', { renewTime: 'now' }))).toBe(false);
  expect(saysTheSame(lease('other'), lease('other', { leaseTransitions: 5 }))).toBe(false);
  expect(saysTheSame(lease('other'), lease('other', {}, '7', 'b'))).toBe(false);
  expect(saysTheSame(lease('other'), undefined)).toBe(false);
});

describe('each term is higher than all earlier ones', () => {
  const now = new Date('2026-01-02T03:04:05.678Z');
  test('also for a Lease that was deleted, or restored to an older state', () => {
    expect(nextTerm(0, now)).toBeGreaterThan(nextTerm(0, new Date(now.getTime() - 1_000)));
    expect(nextTerm(0, now)).toBeLessThan(GREATEST_TERM / 2);
  });
  test('whatever the clock says', () => {
    expect(nextTerm(300_000_000, now)).toBe(300_000_001);
    expect(nextTerm(4, new Date(0))).toBe(5);
    expect(nextTerm(0, new Date(0))).toBe(1);
    expect(nextTerm(0, new Date('2200-01-01T00:00:00Z'))).toBeLessThan(GREATEST_TERM);
    expect(nextTerm(2_000_000_000, new Date('2200-01-01T00:00:00Z'))).toBe(2_000_000_001);
  });
});

describe('the written spec', () => {
  const now = new Date('2026-01-02T03:04:05.678Z');
  test('when it is taken', () => {
    expect(specAfter(lease('other'), { move: 'take', term: 9 }, 'me', 15, now)).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-02T03:04:05.678000Z',
      renewTime: '2026-01-02T03:04:05.678000Z',
      leaseTransitions: 9,
    });
  });
  test('when it is renewed', () => {
    expect(specAfter(lease('me'), { move: 'renew' }, 'me', 15, now)).toMatchObject({
      acquireTime: 'then',
      leaseTransitions: 4,
      renewTime: '2026-01-02T03:04:05.678000Z',
    });
  });
  test('when it is released', () => {
    expect(specAfter(lease('me'), { move: 'release' }, 'me', 15, now)).toMatchObject({
      holderIdentity: '',
      leaseTransitions: 4,
    });
  });
});
