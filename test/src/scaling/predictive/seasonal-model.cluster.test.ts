import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../../src/package/package-root.ts';
import { SeasonalModel } from '../../../../src/scaling/predictive/seasonal-model.ts';
import { publicSeries } from '../../../backtest/public-series.ts';

// Made by R's own implementations: reference.R.
const { airPassengers, taylor } = JSON.parse(
  await readFile(join(packageRoot(), 'test', 'src', 'scaling', 'predictive', 'reference.json'), 'utf8'),
);

test("one season: as R's HoltWinters() has it for AirPassengers", () => {
  const { values, alpha, beta, gamma, startLevel, startTrend, startSeason, fitted, forecast, squares } = airPassengers;
  const model = new SeasonalModel(
    { alpha, beta, gamma, omega: 0, phi: 0 },
    { level: startLevel, trend: startTrend, short: startSeason },
  );
  let sum = 0;
  for (let step = 12; step < values.length; step++) {
    const expected = model.forecast(step - 1, 1);
    expect(expected).toBeCloseTo(fitted[step - 12], 4);
    sum += (values[step] - expected) ** 2;
    model.learn(step, values[step]);
  }
  expect(sum / squares).toBeCloseTo(1, 6);
  forecast.forEach((value: number, ahead: number) => {
    expect(model.forecast(values.length - 1, ahead + 1)).toBeCloseTo(value, 4);
  });
});

test("two seasons and correlated errors: as dshw() of R's package forecast has it for taylor", async () => {
  const { count, level, trend, short, long, forecast, lastFitted, meanSquare } = taylor;
  const values = (await publicSeries()).taylor.values.slice(0, count) as number[];
  const model = new SeasonalModel(
    { alpha: 0.1, beta: 0.01, gamma: 0.15, omega: 0.2, phi: 0.6 },
    { level, trend, short, long },
  );
  const fitted: number[] = [];
  values.forEach((value, step) => {
    fitted.push(model.forecast(step - 1, 1));
    model.learn(step, value);
  });
  lastFitted.forEach((value: number, index: number) => {
    expect(fitted[count - lastFitted.length + index]).toBeCloseTo(value, 2);
  });
  const squares = fitted.reduce((sum, one, step) => sum + (one - (values[step] as number)) ** 2, 0);
  expect(squares / count / meanSquare).toBeCloseTo(1, 6);
  forecast.forEach((value: number, ahead: number) => {
    expect(model.forecast(count - 1, ahead + 1)).toBeCloseTo(value, 2);
  });
});

test('factors made of n values: the next one counts as one of n + 1', () => {
  const model = new SeasonalModel(
    { alpha: 0, gamma: 0.1, omega: 0, phi: 0 },
    { level: 100, short: [1, 1], seen: { short: [2, 0] } },
  );
  model.learn(0, 130);
  expect(model.forecast(1, 1)).toBeCloseTo(110);
  model.learn(1, 130);
  expect(model.forecast(2, 1)).toBeCloseTo(130);
  for (let step = 2; step < 60; step += 2) model.learn(step, 110);
  model.learn(60, 210);
  // After 31 values the mean would move by 1/32; gamma is more.
  expect(model.forecast(61, 1)).toBeCloseTo(110 + 0.1 * 100, 0);
});

test('a step that is not known changes nothing but how much of the last error is left', () => {
  const model = () => {
    const made = new SeasonalModel({ alpha: 0, gamma: 0, omega: 0, phi: 0.5 }, { level: 10, short: [1, 2] });
    made.learn(0, 14);
    return made;
  };
  const skipped = model();
  skipped.skip();
  expect(skipped.forecast(1, 1)).toBeCloseTo(model().forecast(0, 2));
  expect(skipped.forecast(1, 1)).toBeCloseTo(10 + 4 * 0.25);
});
