import { expect, test } from 'vitest';
import { minimum } from '../../../../src/scaling/predictive/minimum.ts';

// The functions that Nelder and Mead tried it on (1965), from their starting points; all have their minimum of 0.
const PUBLISHED: [string, (at: readonly number[]) => number, number[], number[]][] = [
  ["Rosenbrock's valley", ([x = 0, y = 0]) => 100 * (y - x * x) ** 2 + (1 - x) ** 2, [-1.2, 1], [1, 1]],
  [
    "Powell's quartic",
    ([a = 0, b = 0, c = 0, d = 0]) => (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4,
    [3, -1, 0, 1],
    [0, 0, 0, 0],
  ],
];

test.each(PUBLISHED)('%s', (_name, cost, from, expected) => {
  const { at, value } = minimum(cost, from, { evaluations: 1000, tolerance: 1e-12 });
  expect(value).toBeLessThan(1e-8);
  at.forEach((one, axis) => {
    expect(one).toBeCloseTo(expected[axis] as number, 1);
  });
});

test('ends after so many evaluations, and where nothing is better', () => {
  let count = 0;
  const result = minimum(
    ([x = 0]) => {
      count++;
      return -x;
    },
    [0],
    { evaluations: 50 },
  );
  expect(count).toBeLessThan(60);
  expect(result.value).toBeLessThan(-10);
  expect(minimum(() => 7, [1, 2])).toEqual({ at: [1, 2], value: 7 });
});
