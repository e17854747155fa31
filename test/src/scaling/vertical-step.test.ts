import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { quantityValue } from '../../../operator/schema/index.ts';
import type { ContainerAmounts } from '../../../resources/model/resized.ts';
import {
  type Recommendation,
  type ResizablePod,
  type VerticalSituation,
  verticalStep,
} from '../../../src/scaling/vertical/index.ts';

const MIB = 1024 ** 2;
const of = (target: number, lower: number, upper: number) => ({ target, lower, upper });
const SAID: Recommendation = {
  cpu: of(0.3, 0.2, 0.6),
  memory: of(200 * MIB, 150 * MIB, 400 * MIB),
  days: 2,
};
const both = (cpu: string, memory: string): ContainerAmounts => ({
  requests: { cpu, memory },
  limits: { cpu, memory },
});
const pod = (name: string, resources: ContainerAmounts | undefined, status: object = {}, metadata: object = {}) =>
  ({
    metadata: { name, uid: `uid-${name}`, resourceVersion: '1', ...metadata },
    spec: { containers: [{ name: 'sidecar' }, { name: 'model', resources }] },
    status: { phase: 'Running', ...status },
  }) as unknown as StoredObject<ResizablePod>;
const condition = (type: string, reason: string, message = '') => ({
  conditions: [{ type, status: 'True', reason, message }],
});
const step = (situation: Partial<VerticalSituation>) =>
  verticalStep({
    mode: 'Recommend',
    recommendation: SAID,
    container: 'model',
    template: both('100m', '64Mi'),
    pods: [],
    budget: 1,
    hpaMetrics: [],
    ...situation,
  });
const given = (template: ContainerAmounts, situation: Partial<VerticalSituation> = {}) => {
  const said = step({ template, ...situation });
  return said.action === 'Recommend' ? said.resources : said.action === 'None' ? said.reason : said.action;
};

const REQUESTS_ONLY = { requests: { cpu: '100m', memory: '64Mi' } };
const GPU = { requests: { ...REQUESTS_ONLY.requests, 'example.com/gpu': 1 }, limits: { 'example.com/gpu': 1 } };
test.each<[string, ContainerAmounts, ContainerAmounts | string]>([
  ['limits that are equal stay equal', both('100m', '64Mi'), both('300m', '200Mi')],
  ['what has no limits gets none', REQUESTS_ONLY, { requests: { cpu: '300m', memory: '200Mi' } }],
  [
    'limits that are higher stay as many times as high',
    { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: 1, memory: '96Mi' } },
    { requests: { cpu: '300m', memory: '200Mi' }, limits: { cpu: '3000m', memory: '300Mi' } },
  ],
  [
    'limits that are next to equal do not become equal',
    { requests: { cpu: '1000m', memory: '1000Mi' }, limits: { cpu: '1001m', memory: '1001Mi' } },
    { requests: { cpu: '300m', memory: '200Mi' }, limits: { cpu: '301m', memory: '201Mi' } },
  ],
  [
    'limits that are next to equal do not become equal by being rounded',
    { requests: { cpu: '1000m', memory: '1000Mi' }, limits: { cpu: '1000m', memory: 1_048_576_001 } },
    { requests: { cpu: '300m', memory: '200Mi' }, limits: { cpu: '300m', memory: '201Mi' } },
  ],
  ['nothing is said: the requests', {}, { requests: { cpu: '300m', memory: '200Mi' } }],
  ['only limits: they are the requests', { limits: { cpu: '100m', memory: '64Mi' } }, both('300m', '200Mi')],
  ['other resources are left alone', GPU, { ...GPU, requests: { ...GPU.requests, cpu: '300m', memory: '200Mi' } }],
  ['one is far off: the other is brought along', both('280m', '64Mi'), both('300m', '200Mi')],
  ['within 10 %: not worth it', both('280m', '190Mi'), 'AsRecommended'],
  ['as recommended, in other words', both('0.3', '0.1953125Gi'), 'AsRecommended'],
  ['a bit too much, but more than 10 %', both('300m', '240Mi'), both('300m', '200Mi')],
  ['far too much', both('2', '4Gi'), both('300m', '200Mi')],
])('%s', (_what, template, expected) => {
  expect(given(template)).toEqual(expected);
});

test('while little is known, only what is out of bounds is changed', () => {
  const young = { recommendation: { ...SAID, days: 0.1 } };
  expect(given(both('300m', '240Mi'), young)).toBe('AsRecommended');
  expect(given(both('300m', '149Mi'), young)).toEqual(both('300m', '200Mi'));
  expect(given(both('601m', '200Mi'), young)).toEqual(both('300m', '200Mi'));
});

test('what the autoscaler goes by is left alone', () => {
  const template = both('100m', '64Mi');
  expect(given(template, { hpaMetrics: ['cpu'] })).toEqual(both('100m', '200Mi'));
  expect(given(template, { hpaMetrics: ['memory'] })).toEqual(both('300m', '64Mi'));
  expect(given(template, { hpaMetrics: ['cpu', 'memory'] })).toBe('BelongsToAutoscaler');
  expect(given(both('100m', '200Mi'), { hpaMetrics: ['cpu'] })).toBe('AsRecommended');
});

test('each mode', () => {
  const pods = [pod('a', both('100m', '64Mi'))];
  expect(step({ mode: 'Off', pods })).toEqual({ action: 'None', reason: 'Off', refused: [] });
  expect(step({ recommendation: undefined })).toMatchObject({ action: 'None', reason: 'NothingKnown' });
  expect(step({ mode: 'Rolling', pods })).toEqual({
    action: 'Roll',
    requests: both('300m', '200Mi').requests,
    resources: both('300m', '200Mi'),
    refused: [],
  });
  expect(step({ mode: 'Rolling', pods, budget: 0 })).toMatchObject({ action: 'None', reason: 'BudgetSpent' });
  expect(step({ mode: 'Recommend', pods, budget: 0 })).toMatchObject({ action: 'Recommend' });
  // Of the template only pods to come are made.
  expect(step({ mode: 'InPlace', pods: [] })).toMatchObject({ action: 'None', reason: 'AsRecommended' });
});

test('in place: running pods that are off, as many as the budget allows', () => {
  const off = both('100m', '64Mi');
  const pods = [
    pod('c', off),
    pod('b', both('300m', '200Mi')),
    pod('a', off),
    pod('going', off, {}, { deletionTimestamp: 'now' }),
    pod('pending', off, { phase: 'Pending' }),
    pod('d', off),
  ];
  const said = step({ mode: 'InPlace', pods, budget: 2 });
  if (said.action !== 'Resize') throw new Error(said.action);
  expect(said.pods.map(({ name }) => name)).toEqual(['a', 'c']);
  expect(said.pods[0]?.patch).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'uid-a' },
    { op: 'test', path: '/spec/containers/1/name', value: 'model' },
    { op: 'test', path: '/spec/containers/1/resources', value: off },
    { op: 'replace', path: '/spec/containers/1/resources', value: both('300m', '200Mi') },
  ]);
  expect(step({ mode: 'InPlace', pods, budget: 0 })).toMatchObject({ action: 'None', reason: 'BudgetSpent' });
});

test('in place: what is refused is told, and asked for again only when it is less', () => {
  const infeasible = condition('PodResizePending', 'Infeasible', "Node didn't have enough capacity: memory");
  const inPlace = (resources: ContainerAmounts | undefined, status: object) =>
    step({ mode: 'InPlace', pods: [pod('a', resources, status)] });
  const asked = inPlace(both('300m', '200Mi'), infeasible);
  expect(asked).toMatchObject({ action: 'None', reason: 'Refused', refused: [{ pod: 'a', reason: 'Infeasible' }] });
  expect(asked.refused[0]?.message).toBe(
    "its node is too small (Node didn't have enough capacity: memory): lower maxAllowed, or use mode Rolling so that the scheduler can choose a larger node",
  );
  expect(inPlace(both('300m', '100Mi'), infeasible)).toMatchObject({ action: 'None', reason: 'Refused' });
  expect(inPlace(both('400m', '300Mi'), infeasible)).toMatchObject({ action: 'Resize', refused: [] });
  expect(inPlace(both('300m', '200Mi'), condition('PodResizePending', 'Deferred'))).toMatchObject({
    reason: 'Refused',
    refused: [
      {
        reason: 'Deferred',
        message: 'its node has not enough free resources now; the resize is deferred until it has',
      },
    ],
  });
  expect(inPlace(both('300m', '200Mi'), condition('PodResizeInProgress', 'Error', 'x'.repeat(900)))).toMatchObject({
    refused: [{ reason: 'Error' }],
  });
  expect(inPlace(both('300m', '200Mi'), condition('PodResizeInProgress', ''))).toMatchObject({
    reason: 'AsRecommended',
    refused: [],
  });
  expect(inPlace({}, {})).toMatchObject({
    reason: 'Refused',
    refused: [{ reason: 'NoRequests', message: expect.stringContaining('spec.model.resources.requests') }],
  });
});

const AMOUNTS = fc
  .record({ cpu: fc.integer({ min: 1, max: 8000 }), memory: fc.integer({ min: 1, max: 8000 }) })
  .map(({ cpu, memory }) => ({ cpu: `${cpu}m`, memory: `${memory}Mi` }));
const RECOMMENDED = (unit: number) =>
  fc
    .tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 8000 })))
    .map((numbers) => numbers.sort((a, b) => a - b).map((one) => one * unit))
    .map(([lower = 0, target = 0, upper = 0]) => ({ lower, target, upper }));

test('whatever there is: one step leads to what needs none, and the quality of service stays', () => {
  const recommended = fc.record({
    cpu: RECOMMENDED(0.001),
    memory: RECOMMENDED(MIB),
    days: fc.double({ min: 0, max: 9, noNaN: true }),
  });
  const hpaMetrics = fc.subarray<'cpu' | 'memory'>(['cpu', 'memory']);
  fc.assert(
    fc.property(AMOUNTS, AMOUNTS, recommended, hpaMetrics, (requests, more, recommendation, hpaMetrics) => {
      const sum = (name: 'cpu' | 'memory') => Number.parseInt(requests[name], 10) + Number.parseInt(more[name], 10) - 1;
      const limits = { cpu: `${sum('cpu')}m`, memory: `${sum('memory')}Mi` };
      const situation = { recommendation, hpaMetrics, mode: 'InPlace' } as const;
      const said = step({ ...situation, pods: [pod('a', { requests, limits })] });
      if (said.action !== 'Resize') return;
      const [{ resources } = { resources: {} as ContainerAmounts }] = said.pods;
      expect(step({ ...situation, pods: [pod('a', resources)] })).toMatchObject({ reason: 'AsRecommended' });
      for (const name of ['cpu', 'memory'] as const) {
        const [request, limit] = [resources.requests, resources.limits].map((one) => quantityValue(one?.[name] ?? 0));
        expect(request === limit).toBe(quantityValue(requests[name]) === quantityValue(limits[name]));
        expect(limit).toBeGreaterThanOrEqual(request ?? 0);
        if (hpaMetrics.includes(name)) expect(resources.requests?.[name]).toBe(requests[name]);
      }
    }),
    { numRuns: 500 },
  );
});
