import { expect, test } from 'vitest';
import type { StoredObject } from '../../operator/index.ts';
import type { ConfigMap, RestAPI } from '../../resources/index.ts';
import { forecastView } from '../../src/dashboard/forecast-view.ts';
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

test('the load of the last day, and of the two hours to come, as of when it was written down', () => {
  const stored = record(LEARNED);
  const view = forecastView(api(ON), 'model', stored);
  expect(view).toMatchObject({ savedAt: LEARNED.savedAt, from: NOW - 24 * 3_600_000, stepMs: 600_000 });
  expect(view?.past.length).toBe(144);
  // The last ten minutes were not over when it was written down.
  expect(view?.past.at(-1)).toBe(null);
  expect(view?.past.at(-2)).toBeCloseTo(officeLoad(OFFICE, NOW - 1_200_000), 1);
  expect(view?.ahead.length).toBe(13);
  for (const { mean, low, high } of view?.ahead ?? []) {
    expect(mean).toBeCloseTo(1, 1);
    expect(low).toBeLessThanOrEqual(mean);
    expect(high).toBeGreaterThanOrEqual(mean);
  }
  // It is not worked out again while the record is the same.
  expect(forecastView(api(ON), 'model', stored)).toBe(view);
});

test('nothing is expected while it is learned', () => {
  const short = LEARNED['model.load'];
  const early = { savedAt: new Date(NOW - 15.5 * 86_400_000).toISOString(), 'model.load': short };
  expect(forecastView(api(ON), 'model', record(early))).toMatchObject({ ahead: [], past: expect.any(Array) });
});

test.each([
  ['not forecast', undefined, LEARNED],
  ['no longer forecast', { ...ON, enabled: false }, LEARNED],
  ['nothing is known', ON, { savedAt: LEARNED.savedAt }],
  ['of another one', ON, { savedAt: LEARNED.savedAt, 'view.load': LEARNED['model.load'] }],
  ['broken', ON, { savedAt: LEARNED.savedAt, 'model.load': 'v1.x' }],
  ['without a time', ON, { 'model.load': LEARNED['model.load'] }],
])('%s: nothing', (_what, predictive, data) => {
  expect(forecastView(api(predictive), 'model', record(data as Record<string, string>))).toBeUndefined();
});

test('no record', () => {
  expect(forecastView(api(ON), 'model', undefined)).toBeUndefined();
});
