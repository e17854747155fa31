import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package/package-root.ts';
import { outputPattern, tutorialSteps } from '../support/tutorial-steps.ts';

test('the tour has steps, all of them with the output that one should see', () => {
  const steps = tutorialSteps(readFileSync(join(packageRoot(), 'docs', 'tutorials', 'tour.md'), 'utf8'));
  expect(steps.length).toBeGreaterThan(8);
  expect(steps.filter(({ prints }) => prints.every((line) => line === '…'))).toEqual([]);
});

test('a marked step without output is an error', () => {
  const step = '## A\n\n<!-- tour -->\n```sh\necho a\n```\n\n';
  expect(tutorialSteps(`${step}\`\`\`text\na\n\`\`\`\n`)).toEqual([
    { section: 'A', commands: 'echo a\n', prints: ['a'] },
  ]);
  expect(() => tutorialSteps(step)).toThrow('1 steps are marked, and 0 have commands and output');
});

test.each<[string[], string, boolean]>([
  [['a'], 'a\n', true],
  [['a'], 'a\nb\n', false],
  [['…', 'b'], 'a\nb\n', true],
  [['…', 'b'], 'b\n', true],
  [['a', '…', 'c'], 'a\nb\nb\nc\n', true],
  [['a  b'], 'a b   \n', true],
  [['{"id":1,…"name":"x",…'], '{"id":1,"at":2,"name":"x","y":1}\n', true],
  [['{"id":1,…"name":"x"…'], '{"id":2,"name":"x"}\n', false],
  [['a.b'], 'acb\n', false],
])('the output %j fits %j: %s', (prints, output, fits) => {
  expect(outputPattern(prints).test(output)).toBe(fits);
});
