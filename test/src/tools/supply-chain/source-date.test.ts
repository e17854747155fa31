import { expect, test } from 'vitest';
import { sourceDate } from '../../../../src/tools/supply-chain/source-date.ts';

test('the time of a build is that of SOURCE_DATE_EPOCH, and otherwise there is none', () => {
  expect(sourceDate({})).toBeUndefined();
  expect(sourceDate({ SOURCE_DATE_EPOCH: '' })).toBeUndefined();
  expect(sourceDate({ SOURCE_DATE_EPOCH: '0' })).toEqual(new Date(0));
  expect(sourceDate({ SOURCE_DATE_EPOCH: '1700000000' })).toEqual(new Date('2023-11-14T22:13:20Z'));
});

test.each(['now', '-1', '1.5', '1e3', '99999999999999'])('SOURCE_DATE_EPOCH=%s is refused', (value) => {
  expect(() => sourceDate({ SOURCE_DATE_EPOCH: value })).toThrow(`SOURCE_DATE_EPOCH is "${value}": set it to seconds`);
});
