import { expect, test } from 'vitest';
import { e2eArguments } from './e2e-arguments.ts';

test.each([
  { given: [], expected: ['run', '--project', 'load'] },
  { given: ['releases', '-t', 'forward'], expected: ['run', '--project', 'load', 'releases', '-t', 'forward'] },
  { given: ['--peers'], expected: ['run', '--project', 'peers'] },
  { given: ['-t', 'hangs', '--peers'], expected: ['run', '--project', 'peers', '-t', 'hangs'] },
])('npm run e2e -- $given runs vitest $expected', ({ given, expected }) => {
  expect(e2eArguments(given)).toEqual(expected);
});
