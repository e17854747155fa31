import { expect, test } from 'vitest';
import { AdmissionRewrites } from '../../../operator/reconcile/admission-rewrites.ts';

const image = (wanted: string, found: string) => ({ path: 'spec.image', wanted, found });

test('a field with the value that admission stored is no drift', () => {
  const rewrites = new AdmissionRewrites();
  rewrites.wrote('owner', 'object', 'uid', [image('a', 'mirror/a')]);
  const others = (difference: ReturnType<typeof image>, uid = 'uid', owner = 'owner') =>
    rewrites.others(owner, 'object', uid, [difference]);
  expect(others(image('a', 'mirror/a'))).toEqual([]);
  // Another value there, another value sent, another object of the name, another owner: that is a difference.
  expect(others(image('a', 'theirs'))).toHaveLength(1);
  expect(others(image('b', 'mirror/a'))).toHaveLength(1);
  expect(others(image('a', 'mirror/a'), 'another')).toHaveLength(1);
  expect(others(image('a', 'mirror/a'), 'uid', 'another')).toHaveLength(1);
  expect(rewrites.has('owner', 'object', 'spec.image')).toBe(true);
  expect(rewrites.has('owner', 'object', 'spec.other')).toBe(false);
});

test('it forgets objects that are stored as sent and deleted ones', () => {
  const rewrites = new AdmissionRewrites();
  const knows = () => rewrites.knows('owner', 'object');
  const write = () => rewrites.wrote('owner', 'object', 'uid', [image('a', 'mirror/a')]);
  write();
  rewrites.wrote('owner', 'object', 'uid', []);
  expect(knows()).toBe(false);
  write();
  rewrites.forget('owner', 'object');
  expect(knows()).toBe(false);
  write();
  rewrites.forget('owner');
  expect(knows()).toBe(false);
});
