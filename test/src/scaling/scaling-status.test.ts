import { expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { ComponentName, HorizontalPodAutoscaler } from '../../../resources/index.ts';
import { numberOf, scalingConditions, scalingStatus } from '../../../src/scaling/scaling-status.ts';

const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } };
const QUEUE = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '30' } } };
const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization, averageValue: '175m' } },
});
const queue = (value: string) => ({ type: 'External', external: { metric: { name: 'queue' }, current: { value } } });
const active = { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound' };
const autoscaler = (status: HorizontalPodAutoscaler['status'], metrics: object[] = [CPU, QUEUE]) =>
  ({
    metadata: { name: 'shop-model', uid: 'u', resourceVersion: '1' },
    spec: { minReplicas: 1, maxReplicas: 10, metrics },
    status,
  }) as unknown as StoredObject<HorizontalPodAutoscaler>;
const conditionsOf = (...statuses: HorizontalPodAutoscaler['status'][]) => {
  const names: ComponentName[] = ['model', 'view'];
  return scalingConditions(
    new Map(statuses.map((status, index) => [names[index] as ComponentName, autoscaler(status)])),
  );
};

test('what it is and what it should be, for each metric', () => {
  expect(scalingStatus(autoscaler({ currentMetrics: [cpu(63), queue('12500m')] }), undefined)).toEqual({
    minReplicas: 1,
    maxReplicas: 10,
    metrics: [
      { name: 'cpu', current: '63%', target: '70%' },
      { name: 'queue', current: '12500m', target: '30' },
    ],
  });
  expect(scalingStatus(autoscaler(undefined, [CPU]), undefined).metrics).toEqual([{ name: 'cpu', target: '70%' }]);
  expect(scalingStatus(autoscaler({ currentMetrics: [{ type: '' }] }, [CPU]), undefined).metrics).toEqual([
    { name: 'cpu', target: '70%' },
  ]);
});

test.each([
  ['63%', cpu(72), '63%'],
  ['63%', cpu(73), '73%'],
  ['63%', cpu(53), '53%'],
  ['63%', cpu(54), '63%'],
])('told %s, and it moves: %j', (told, current, now) => {
  const before = { minReplicas: 1, maxReplicas: 10, metrics: [{ name: 'cpu', current: told, target: '70%' }] };
  expect(scalingStatus(autoscaler({ currentMetrics: [current] }, [CPU]), before).metrics[0]?.current).toBe(now);
});

test.each([
  ['10', '10900m', '10'],
  ['10', '11', '11'],
  ['10', '9', '9'],
  ['0', '1m', '1m'],
])('told %s, and it moves to the amount %s', (told, current, now) => {
  const before = { minReplicas: 1, maxReplicas: 10, metrics: [{ name: 'queue', current: told, target: '30' }] };
  expect(scalingStatus(autoscaler({ currentMetrics: [queue(current)] }, [QUEUE]), before).metrics[0]?.current).toBe(
    now,
  );
});

test('numbers of what is told', () => {
  expect(['63%', '12500m', '1Ki', '3k', '1e3', '.5'].map(numberOf)).toEqual([63, 12.5, 1024, 3000, 1000, 0.5]);
});

test('nothing is scaled: nothing is said', () => {
  expect(conditionsOf()).toEqual([]);
});

test('all is well', () => {
  expect(conditionsOf({ conditions: [active] })).toMatchObject([
    { type: 'ScalingActive', status: 'True', reason: 'LoadKnown' },
    { type: 'ScalingLimited', status: 'False', reason: 'WithinLimits' },
  ]);
  expect(conditionsOf({ conditions: [active] }, undefined)[0]).toMatchObject({
    status: 'Unknown',
    reason: 'NotYetKnown',
  });
});

test('more is needed than there may be', () => {
  const limited = { type: 'ScalingLimited', status: 'True', reason: 'TooManyReplicas' };
  expect(conditionsOf({ desiredReplicas: 10, conditions: [active, limited] })[1]).toEqual({
    type: 'ScalingLimited',
    status: 'True',
    reason: 'AtMaxReplicas',
    message:
      'model needs more pods than spec.autoScaling.model.maxReplicas (10) allows: raise it, or give each pod more resources',
  });
  // It only may not grow faster, or shrink further.
  expect(conditionsOf({ desiredReplicas: 4, conditions: [active, limited] })[1]?.status).toBe('False');
  const least = { ...limited, reason: 'TooFewReplicas' };
  expect(conditionsOf({ desiredReplicas: 10, conditions: [active, least] })[1]?.status).toBe('False');
});

const inactive = (reason: string, message: string) => ({
  conditions: [{ type: 'ScalingActive', status: 'False', reason, message }],
});

test('it is not known how much is used', () => {
  const [requests] = conditionsOf(
    inactive(
      'FailedGetResourceMetric',
      'failed to get cpu utilization: missing request for cpu in container model of Pod a-b',
    ),
  );
  expect(requests).toEqual({
    type: 'ScalingActive',
    status: 'False',
    reason: 'MissingRequests',
    message: 'model: its pods request no cpu, so its utilization is unknown: set spec.model.resources.requests.cpu',
  });
  const [server] = conditionsOf(
    inactive('FailedGetResourceMetric', 'the server could not find the requested resource (get pods.metrics.k8s.io)'),
  );
  expect(server).toMatchObject({
    reason: 'MetricsMissing',
    message: expect.stringContaining('is metrics-server installed?'),
  });
  const [adapter] = conditionsOf(inactive('FailedGetExternalMetric', 'x'.repeat(1000)));
  expect(adapter).toMatchObject({ reason: 'MetricsMissing', message: expect.stringContaining('a metrics adapter') });
  expect(adapter?.message?.length).toBeLessThan(500);
  const both = conditionsOf(inactive('InvalidSelector', 'a'), inactive('InvalidSelector', 'b'));
  expect(both[0]).toMatchObject({ reason: 'InvalidSelector', message: 'model: a; view: b' });
  // A component at 0 is no trouble.
  expect(conditionsOf(inactive('ScalingDisabled', 'scaling is disabled'))[0]?.status).toBe('True');
});
