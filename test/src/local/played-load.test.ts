import { expect, test } from 'vitest';
import { COMPONENTS, type RestAPI } from '../../../resources/index.ts';
import { coresAtTarget, dayCurve, playedHour, podLoad } from '../../../src/local/played-load.ts';
import { pastPods } from '../../../src/local/played-past.ts';
import { BUCKET_MINUTES, LoadHistory, recommend } from '../../../src/scaling/predictive/index.ts';

const BUCKET_MS = BUCKET_MINUTES * 60_000;
const PAST_MS = 27 * 24 * 60 * 60_000;

const api = {
  metadata: { name: 'shop' },
  spec: Object.fromEntries(COMPONENTS.map((name) => [name, { resources: { requests: { cpu: '500m' } } }])),
} as unknown as RestAPI;

test('a played day is quiet at night, and has a peak before noon and a higher one in the evening', () => {
  const [night, noon, dip, evening] = [3, 11, 15, 19.5].map(dayCurve) as [number, number, number, number];
  expect(night).toBeLessThan(0.05);
  expect(noon).toBeGreaterThan(0.6);
  expect(dip).toBeLessThan(noon - 0.3);
  expect(evening).toBeGreaterThan(0.95);
  // Also across midnight.
  expect(Math.abs(dayCurve(23.99) - dayCurve(0.01))).toBeLessThan(0.01);
});

test('a played day ends where the next one begins', () => {
  expect(playedHour(0, 300_000)).toBe(playedHour(300_000, 300_000));
  expect(playedHour(150_000, 300_000)).toBe((playedHour(0, 300_000) + 12) % 24);
});

test('the load is spread over the running pods', () => {
  const two = podLoad(api, 'view', 1, 2);
  const four = podLoad(api, 'view', 1, 4);
  // 4.8 pods of 300m, their target, at the peak.
  expect(two?.cpu).toBeCloseTo(0.72);
  expect(four?.cpu).toBeCloseTo(0.36);
  expect(podLoad(api, 'view', 0, 2)?.cpu).toBeCloseTo(0.18);
  expect(podLoad(api, 'view', 1, 0)).toBeUndefined();
});

test('without requested CPU no load can be played', () => {
  const none = { metadata: { name: 'shop' }, spec: { view: { resources: {} } } } as unknown as RestAPI;
  expect(() => coresAtTarget(none, 'view')).toThrow('spec.view.resources.requests.cpu is missing');
});

test.each([0, 5, 11, 23])('from the played past a sale in 15 minutes is forecast, at %i:00', (hour) => {
  const now = Date.UTC(2026, 0, 31, hour);
  const history = LoadHistory.empty();
  for (let at = now - PAST_MS; at < now; at += BUCKET_MS) history.add(at, pastPods(at, now));
  const setting = { history, perReplica: 1, min: 2, max: 10, horizonMinutes: 20 };
  const ahead = recommend({ ...setting, now });
  expect(ahead.reason).toContain('the forecast was');
  expect(ahead).toMatchObject({ reliable: true, season: 'weekly' });
  expect(ahead.minReplicas).toBeGreaterThanOrEqual(5);
  // It is the forecast of the sale: an hour before, the usual load is expected.
  const earlier = LoadHistory.empty();
  for (let at = now - PAST_MS; at < now - 3_600_000; at += BUCKET_MS) earlier.add(at, pastPods(at, now));
  expect(recommend({ ...setting, history: earlier, now: now - 3_600_000 }).minReplicas).toBeLessThanOrEqual(3);
});
