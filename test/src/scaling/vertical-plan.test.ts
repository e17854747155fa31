import { expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { COMPONENTS, type Deployment, type Environment, type RestAPI } from '../../../resources/index.ts';
import {
  historyOf,
  killed,
  NO_HISTORY,
  observed,
  type Refusal,
  type ResizablePod,
  type UsageHistory,
} from '../../../src/scaling/vertical/index.ts';
import { appliedTo, type VerticalCircumstances, verticalPlan } from '../../../src/scaling/vertical-plan.ts';
import { memoryFor, usageText } from './learned-loads.ts';

const MIB = 1024 ** 2;
const TEXT = usageText({ cpu: 0.1, memory: 600 * MIB }, Date.UTC(2026, 0, 5));
const WANTED = `${memoryFor(TEXT)}Mi`;
const BOUNDS = { enabled: true, minReplicas: 1, maxReplicas: 9 };

function active(scaling: object, resources: object = { requests: { cpu: '250m', memory: '256Mi' } }): Environment {
  const api = {
    metadata: { name: 'shop' },
    spec: {
      replicas: 4,
      ...Object.fromEntries(COMPONENTS.map((name) => [name, { enabled: name === 'model', resources }])),
      autoScaling: { enabled: true, model: { ...BOUNDS, ...scaling } },
    },
  } as unknown as RestAPI;
  return { name: 'main', api, replicas: { model: 4 }, referenceHashes: {} };
}

const deployment = (more: object = {}, annotation?: string) =>
  ({
    metadata: {
      name: 'shop-model',
      generation: 1,
      ...(annotation && { annotations: { 'restapi.dev/requests': annotation } }),
    },
    spec: { replicas: 4 },
    status: { observedGeneration: 1, replicas: 4, updatedReplicas: 4, availableReplicas: 4, ...more },
  }) as unknown as StoredObject<Deployment>;
const pod = (name: string, memory = '256Mi', conditions: object[] = []) =>
  ({
    metadata: {
      name,
      uid: name,
      labels: { 'restapi.dev/component': 'model', 'restapi.dev/environment': 'main' },
    },
    spec: { containers: [{ name: 'model', resources: { requests: { cpu: '250m', memory } } }] },
    status: { phase: 'Running', conditions },
  }) as unknown as StoredObject<ResizablePod>;
const PODS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => pod(name));
const plan = (scaling: object, more: Partial<VerticalCircumstances> = {}) =>
  verticalPlan({
    active: active({ enabled: false, ...scaling }),
    deployments: { model: deployment() },
    pods: PODS,
    learned: { model: { usage: historyOf(TEXT).history, load: undefined as never } },
    idle: true,
    told: {},
    refused: [],
    ...more,
  });
const inPlace = { vertical: { mode: 'InPlace' } };
const rolling = { vertical: { mode: 'Rolling' } };

test('off: nothing is said of it', () => {
  expect(plan({})).toEqual({ requests: {}, resizes: [], recommended: {}, conditions: [], events: [] });
  expect(plan({ vertical: { mode: 'Off' } }).conditions).toEqual([]);
});

test('only recommended: said, and that is all', () => {
  const { recommended, resizes, requests, conditions } = plan({ vertical: { mode: 'Recommend' } });
  expect(recommended.model?.memory).toBe(WANTED);
  expect([resizes, requests]).toEqual([[], {}]);
  expect(conditions).toMatchObject([{ type: 'VerticalScaling', status: 'True' }]);
});

test('in place: a quarter of the pods at once, none while others are being resized or something is rolled out', () => {
  const { resizes, events } = plan(inPlace);
  expect(resizes.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(resizes[0]?.resources.requests).toMatchObject({ memory: WANTED });
  expect(events[0]?.note).toContain(`memory ${WANTED}`);
  const busy = { type: 'PodResizeInProgress', status: 'True' };
  expect(
    plan(inPlace, { pods: [pod('a', '700Mi', [busy]), pod('b', '700Mi', [busy]), ...PODS.slice(2)] }).resizes,
  ).toEqual([]);
  expect(plan(inPlace, { idle: false }).resizes).toEqual([]);
  expect(plan(inPlace, { deployments: { model: deployment({ updatedReplicas: 3 }) } }).resizes).toEqual([]);
  expect(plan(inPlace, { deployments: {} }).resizes).toEqual([]);
});

test('pods killed for lack of memory get more at once, though little is known, and also by a roll-out while they crash', () => {
  const at = Date.UTC(2026, 0, 5);
  const short = observed(NO_HISTORY, at, [{ cpu: 0.1, memory: 100 * MIB }]);
  const learned = (usage: UsageHistory) => ({ model: { usage, load: undefined as never } });
  expect(plan(inPlace, { learned: learned(short) }).resizes).toEqual([]);
  const hurt = learned(killed(short, at + 1_000, 256 * MIB));
  expect(plan(inPlace, { learned: hurt }).resizes[0]?.resources.requests?.memory).toBe('424Mi');
  const crashing = { model: deployment({ availableReplicas: 0 }) };
  expect(plan(rolling, { learned: hurt, deployments: crashing }).requests.model?.memory).toBe('424Mi');
  expect(plan(rolling, { learned: learned(short), deployments: crashing }).requests).toEqual({});
});

test('a resource that the autoscaler goes by is left alone', () => {
  const scaled = plan({ ...inPlace, enabled: true });
  expect(scaled.recommended.model).toEqual({ memory: WANTED });
  expect(scaled.resizes[0]?.resources.requests).toEqual({ cpu: '250m', memory: WANTED });
  const both = { targetCPUUtilizationPercentage: 50, targetMemoryUtilizationPercentage: 50 };
  const nothing = plan({ ...inPlace, enabled: true, ...both });
  expect(nothing.resizes).toEqual([]);
  expect(nothing.conditions).toMatchObject([{ status: 'False', reason: 'BelongsToAutoscaler' }]);
});

test('rolling: when all is well, and then it stays so', () => {
  const { requests, resizes } = plan(rolling);
  expect(requests.model).toMatchObject({ memory: WANTED });
  expect(resizes).toEqual([]);
  const annotation = JSON.stringify(requests.model);
  const again = plan(rolling, { deployments: { model: deployment({}, annotation) } });
  expect([again.requests, again.events]).toEqual([requests, []]);
  expect(plan(rolling, { deployments: { model: deployment({ availableReplicas: 3 }) } }).requests).toEqual({});
  expect(plan(rolling, { idle: false }).requests).toEqual({});
  // What was given before stays while it waits.
  const before = '{"memory":"300Mi"}';
  expect(plan(rolling, { idle: false, deployments: { model: deployment({}, before) } }).requests).toEqual({
    model: { memory: '300Mi' },
  });
});

test('what an autoscaler goes by is given back to the spec, and so is all in another mode', () => {
  const deployments = { model: deployment({}, '{"cpu":"1","memory":"300Mi"}') };
  expect(plan({ ...rolling, enabled: true }, { deployments, idle: false }).requests).toEqual({
    model: { memory: '300Mi' },
  });
  expect(plan(inPlace, { deployments, idle: false }).requests).toEqual({});
});

test.each(['no JSON', 'null', '[]', '{"cpu":"much","gpu":"1"}', undefined])('%s as what was given: nothing', (text) => {
  expect(appliedTo(deployment({}, text))).toBeUndefined();
});

test('bounds count, and an upper one below the usual least', () => {
  const vertical = { mode: 'Recommend', maxAllowed: { cpu: '10m', memory: '300Mi' }, minAllowed: { memory: '300Mi' } };
  expect(plan({ vertical }).recommended.model).toEqual({ cpu: '10m', memory: '300Mi' });
});

test('what hardly moved is not told anew', () => {
  const near = { model: { cpu: '121m', memory: `${memoryFor(TEXT) - 5}Mi` } };
  const vertical = { mode: 'Recommend' };
  expect(plan({ vertical }, { told: near }).recommended.model?.memory).toBe(near.model.memory);
  const far = { model: { memory: `${Math.round(memoryFor(TEXT) * 0.8)}Mi` } };
  expect(plan({ vertical }, { told: far }).recommended.model?.memory).toBe(WANTED);
});

test('what the API server refused is told, and not asked for again', () => {
  const refused: Refusal[] = [{ pod: 'a', reason: 'Error', message: 'quota' }];
  const { resizes, conditions } = plan(inPlace, { refused });
  expect(resizes.map(({ name }) => name)).toEqual(['b', 'c']);
  expect(conditions).toMatchObject([
    { status: 'False', reason: 'ResizeRefused', message: 'model: pod a was not resized: quota' },
  ]);
});

test('without metrics, and before anything is known', () => {
  expect(plan(inPlace, { problem: 'no metrics-server' }).conditions).toMatchObject([
    { status: 'False', reason: 'MetricsMissing', message: 'no metrics-server' },
  ]);
  expect(plan(inPlace, { learned: {} }).conditions).toMatchObject([{ status: 'Unknown', reason: 'NotYetKnown' }]);
});
