import { expect, test } from 'vitest';
import { OPERATOR_FLAGS } from '../../../src/command/operator-flags.ts';
import { ArgumentError } from '../../../src/terminal/argument-error.ts';
import { readFlags } from '../../../src/terminal/flag-table.ts';
import { readCount } from '../../../src/terminal/read-count.ts';

const read = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  readCount('max-releases', readFlags(OPERATOR_FLAGS, args, env)['max-releases']);

test('the number of releases at a time is 10, and is set by the flag or its variable', () => {
  expect(read([])).toBe(10);
  expect(read([], { MAX_RELEASES: '5' })).toBe(5);
  expect(read(['--max-releases=0'], { MAX_RELEASES: '5' })).toBe(0);
});

test.each(['-1', '1.5', 'ten', '', '9999999999'])('%j is not a number of releases', (text) => {
  expect(() => readCount('max-releases', text)).toThrow(ArgumentError);
  expect(() => readCount('max-releases', text)).toThrow(`--max-releases is "${text}"`);
});
