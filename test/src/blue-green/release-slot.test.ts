import { describe, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { RELEASE_PHASES, type RestAPI } from '../../../resources/index.ts';
import { isStalled, servedAt, slotOf } from '../../../src/blue-green/release-slot.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();

function api(status: object, spec: object = {}, metadata: object = {}): StoredObject<RestAPI> {
  const blueGreen = { enabled: true, progressDeadlineSeconds: 120, ...spec };
  return { metadata, spec: { blueGreen, minReadySeconds: 10 }, status } as unknown as StoredObject<RestAPI>;
}

describe('a slot', () => {
  test('is taken while a release costs something', () => {
    const taken = RELEASE_PHASES.filter((phase) => slotOf(api({ release: { phase } })) === 'InProgress');
    expect(taken).toEqual(['Draining', 'Migrating', 'Preparing', 'Checking', 'Promoting']);
  });

  test('is waited for by what is queued for its turn, and not for a trial', () => {
    expect(slotOf(api({ release: { phase: 'Queued', queuedAt: ago(1) } }))).toBe('Waiting');
    expect(slotOf(api({ release: { phase: 'Queued' } }))).toBeUndefined();
  });

  test.each([
    ['without a release', api({})],
    ['without a status', api(undefined as never)],
    ['without blue-green releases', api({ release: { phase: 'Preparing' } }, { enabled: false })],
    ['while it is deleted', api({ release: { phase: 'Preparing' } }, {}, { deletionTimestamp: ago(1) })],
    ['after a failed check', api({ release: { phase: 'Checking' }, checks: { result: 'Failed' } })],
    ['without a spec', { metadata: {}, status: { release: { phase: 'Preparing' } } } as never],
  ])('is not taken %s', (_, given) => {
    expect(slotOf(given)).toBeUndefined();
  });
});

describe('a release is stalled', () => {
  const stalled = (phase: string, seconds: number, spec: object = {}) =>
    isStalled(api({ release: { phase, progressedAt: ago(seconds) } }, spec), NOW);

  test('a minute after its own deadline, where one counts', () => {
    expect(stalled('Preparing', 190)).toBe(false);
    expect(stalled('Preparing', 191)).toBe(true);
    expect(stalled('Checking', 191)).toBe(false);
  });

  test('after eleven minutes, whatever its author allows', () => {
    for (const phase of ['Preparing', 'Migrating', 'Checking']) {
      expect([phase, stalled(phase, 660, { progressDeadlineSeconds: 604_800 })]).toEqual([phase, false]);
      expect([phase, stalled(phase, 661, { progressDeadlineSeconds: 604_800 })]).toEqual([phase, true]);
    }
  });

  test('if its time is none of the operator', () => {
    expect(stalled('Preparing', -59)).toBe(false);
    expect(stalled('Preparing', -61)).toBe(true);
    expect(isStalled(api({ release: { phase: 'Preparing' } }), NOW)).toBe(true);
  });
});

test('a RestAPI is served when a release ends or makes progress, and not when one is cancelled or waits', () => {
  const cancelled = { result: 'Cancelled', at: ago(10) };
  const promoted = { result: 'Promoted', at: ago(100) };
  const waiting = { phase: 'Queued', progressedAt: ago(5) };
  expect(servedAt(api({}))).toBe(0);
  expect(servedAt(api({ history: [cancelled], release: waiting }))).toBe(0);
  expect(servedAt(api({ history: [cancelled, promoted], release: waiting }))).toBe(NOW - 100_000);
  const release = { phase: 'WaitingForPromotion', progressedAt: ago(20) };
  expect(servedAt(api({ history: [promoted], release }))).toBe(NOW - 20_000);
});
