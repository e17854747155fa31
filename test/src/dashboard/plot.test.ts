import { expect, test } from 'vitest';
import { plot, shortNumber } from '../../../src/dashboard/page/plot.js';

const FRAME = { from: 1_000, to: 2_000, width: 140, height: 126 };
// Margins are 34 left, 6 right, 8 top and 18 bottom: 100 by 100 remain for 1,000 ms and the values.
const at = (at: number, value: number | undefined) => ({ at, value });
const line = (points: ReturnType<typeof at>[], steps = false) => ({ name: 'pods', style: 'ready', points, steps });
const drawn = (points: ReturnType<typeof at>[], steps = false, frame: object = {}) =>
  plot([line(points, steps)], { ...FRAME, least: 10, ...frame }).lines[0]?.d;

test('a line connects the points and holds its last value to the end', () => {
  expect(drawn([at(1_000, 0), at(1_500, 10), at(1_800, 5)])).toBe('M34 108L84 8L114 58H134');
});

test('with steps, a value holds until the next', () => {
  expect(drawn([at(1_000, 0), at(1_500, 10), at(1_800, 5)], true)).toBe('M34 108H84V8H114V58H134');
});

test('unknown values leave a gap in the line', () => {
  expect(drawn([at(1_000, 5), at(1_200, undefined), at(1_600, 5)], true)).toBe('M34 58H54M94 58H134');
  expect(drawn([])).toBe('');
});

test('lines are clipped at the left edge and end at `until`', () => {
  expect(drawn([at(0, 0), at(500, 5), at(1_500, 10)], true)).toBe('M34 58H84V8H134');
  expect(drawn([at(1_000, 5)], true, { until: 1_500 })).toBe('M34 58H84');
});

test('the axis goes from 0 to a round number above all values', () => {
  const top = (value: number, least = 1) =>
    plot([line([at(1_000, value)])], { ...FRAME, least }).levels.map(({ text }) => text);
  expect(top(0)).toEqual(['0', '0.5', '1']);
  expect(top(3)).toEqual(['0', '2', '4']);
  expect(top(87, 100)).toEqual(['0', '50', '100']);
  expect(top(130, 100)).toEqual(['0', '100', '200']);
  expect(top(0.0003, 0.0001)).toEqual(['0', '0.0002', '0.0004']);
});

test('a band is the area between its two lines', () => {
  const band = { name: 'bounds', style: 'bounds', low: [at(1_000, 2)], high: [at(1_000, 4), at(1_500, 10)] };
  const { bands } = plot([], { ...FRAME, least: 10 }, [band]);
  expect(bands[0]?.d).toBe('M34 68H84V8H134L134 88L34 88Z');
  expect(plot([], FRAME, [{ ...band, low: [], high: [] }]).bands[0]?.d).toBe('');
});

test.each([
  [0, '0'],
  [0.5, '0.5'],
  [1_234, '1.23k'],
  [2_500_000, '2.5M'],
])('%d is shortened to %s', (value, text) => expect(shortNumber(value)).toBe(text));
