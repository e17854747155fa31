import { expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { ConfigMap, RestAPI } from '../../../resources/index.ts';
import { forecastView } from '../../../src/dashboard/forecast-view.ts';
import { loadText, officeLoad } from '../scaling/learned-loads.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const OFFICE = { low: 0.1, high: 1, now: NOW };
const api = (predictive: object | undefined) =>
  ({
    metadata: { name: 'shop' },
    spec: {
      replicas: 1,
      model: { enabled: true },
      autoScaling: { enabled: true, model: { enabled: true, minReplicas: 1, maxReplicas: 9, predictive } },
    },
  }) as unknown as StoredObject<RestAPI>;
const record = (data: Record<string, string>) =>
  ({ metadata: { name: 'shop-scaling' }, data }) as unknown as StoredObject<ConfigMap>;
const ON = { enabled: true, horizonMinutes: 20 };
const LEARNED = { savedAt: new Date(NOW).toISOString(), 'model.load': loadText(OFFICE) };

test('the view has the load of the last day and two hours of forecast, as of when it was saved', () => {
  const stored = record(LEARNED);
  const view = forecastView(api(ON), 'model', stored);
  expect(view).toMatchObject({ savedAt: LEARNED.savedAt, from: NOW - 24 * 3_600_000, stepMs: 600_000 });
  expect(view?.past.length).toBe(144);
  // The last bucket was incomplete when the load was saved.
  expect(view?.past.at(-1)).toBe(null);
  expect(view?.past.at(-2)).toBeCloseTo(officeLoad(OFFICE, NOW - 1_200_000), 1);
  expect(view?.ahead.length).toBe(13);
  for (const { mean, low, high } of view?.ahead ?? []) {
    expect(mean).toBeCloseTo(1, 1);
    expect(low).toBeLessThanOrEqual(mean);
    expect(high).toBeGreaterThanOrEqual(mean);
  }
  // The view is cached while the record is the same.
  expect(forecastView(api(ON), 'model', stored)).toBe(view);
});

test('the forecast is empty while the load is being learned', () => {
  const short = LEARNED['model.load'];
  const early = { savedAt: new Date(NOW - 15.5 * 86_400_000).toISOString(), 'model.load': short };
  expect(forecastView(api(ON), 'model', record(early))).toMatchObject({ ahead: [], past: expect.any(Array) });
});

test.each([
  ['without predictive scaling', undefined, LEARNED],
  ['with predictive scaling turned off', { ...ON, enabled: false }, LEARNED],
  ['without a saved load', ON, { savedAt: LEARNED.savedAt }],
  ['with the load of another component', ON, { savedAt: LEARNED.savedAt, 'view.load': LEARNED['model.load'] }],
  ['with a broken load', ON, { savedAt: LEARNED.savedAt, 'model.load': 'v1.x' }],
  ['without a time', ON, { 'model.load': LEARNED['model.load'] }],
])('%s there is no view', (_what, predictive, data) => {
  expect(forecastView(api(predictive), 'model', record(data as Record<string, string>))).toBeUndefined();
});

test('without a record there is no view', () => {
  expect(forecastView(api(ON), 'model', undefined)).toBeUndefined();
});
