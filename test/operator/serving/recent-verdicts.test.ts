import { expect, test } from 'vitest';
import { ALLOWED_MS, REFUSED_MS, RecentVerdicts } from '../../../operator/serving/recent-verdicts.ts';

function timed() {
  const clock = { now: 0 };
  return { clock, recent: new RecentVerdicts(() => clock.now) };
}

test('a verdict is known for its time: the right for a minute, a refusal for ten seconds', () => {
  const { clock, recent } = timed();
  recent.add('a', 'allowed');
  recent.add('f', 'forbidden');
  recent.add('u', 'unauthenticated');
  expect(['a', 'f', 'u', 'x'].map((key) => recent.find(key))).toEqual([
    'allowed',
    'forbidden',
    'unauthenticated',
    undefined,
  ]);
  clock.now = REFUSED_MS - 1;
  expect(recent.find('u')).toBe('unauthenticated');
  clock.now = REFUSED_MS;
  expect(['a', 'f', 'u'].map((key) => recent.find(key))).toEqual(['allowed', undefined, undefined]);
  clock.now = ALLOWED_MS - 1;
  expect(recent.find('a')).toBe('allowed');
  clock.now = ALLOWED_MS;
  expect(recent.find('a')).toBeUndefined();
});

test('a later verdict replaces the one before, in both directions', () => {
  const { clock, recent } = timed();
  recent.add('a', 'allowed');
  recent.add('a', 'forbidden');
  expect(recent.find('a')).toBe('forbidden');
  recent.add('a', 'allowed');
  expect(recent.find('a')).toBe('allowed');
  clock.now = REFUSED_MS;
  expect(recent.find('a')).toBe('allowed');
});

test('a client that tries many tokens displaces refusals, the oldest first, and no one who may', () => {
  const { recent } = timed();
  recent.add('mine', 'allowed');
  for (let index = 0; index <= 1_000; index++) recent.add(`tried-${index}`, 'unauthenticated');
  expect(recent.find('mine')).toBe('allowed');
  expect(recent.find('tried-0')).toBeUndefined();
  expect(recent.find('tried-1')).toBe('unauthenticated');
  expect(recent.find('tried-1000')).toBe('unauthenticated');
});
