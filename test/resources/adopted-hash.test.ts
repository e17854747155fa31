import { expect, test } from 'vitest';
import { adoptHash } from '../../resources/model/adopted-hash.ts';
import { keyIdOf, withKeyOf } from '../../resources/model/hash-key-id.ts';

test('a hash of contents names the key of its Secrets, and none without Secrets', () => {
  expect(withKeyOf(['abc', null, undefined], 'hash')).toBe('hash');
  expect(withKeyOf(['abc', null, 'k1:def'], 'hash')).toBe('k1:hash');
  expect([keyIdOf('k1:hash'), keyIdOf('hash'), keyIdOf(null), keyIdOf(undefined)]).toEqual([
    'k1',
    undefined,
    undefined,
    undefined,
  ]);
});

test('pods follow their contents while the key stays', () => {
  expect(adoptHash('k1:a')).toEqual({ hash: 'k1:a' });
  expect(adoptHash('k1:a', { hash: 'k1:a' })).toEqual({ hash: 'k1:a' });
  expect(adoptHash('k1:b', { hash: 'k1:a' })).toEqual({ hash: 'k1:b' });
  expect(adoptHash('b', { hash: 'a' })).toEqual({ hash: 'b' });
});

test('after the loss of the key pods run on, and restart at the next change', () => {
  const adopted = adoptHash('k2:a', { hash: 'k1:a' });
  expect(adopted).toEqual({ hash: 'k1:a', adopted: 'k2:a' });
  expect(adoptHash('k2:a', adopted)).toEqual(adopted);
  expect(adoptHash('k2:b', adopted)).toEqual({ hash: 'k2:b' });
  // Lost again: what the pods run with is not known by this key either.
  expect(adoptHash('k3:a', adopted)).toEqual({ hash: 'k1:a', adopted: 'k3:a' });
  // The content is unknown for a while: the caller wants the hash that runs.
  expect(adoptHash('k1:a', adopted)).toEqual(adopted);
});

test('hashes without a key are replaced by keyed ones, as they reveal what they are made of', () => {
  expect(adoptHash('k1:a', { hash: 'a' })).toEqual({ hash: 'k1:a' });
  expect(adoptHash('a', { hash: 'k1:a' })).toEqual({ hash: 'a' });
});
