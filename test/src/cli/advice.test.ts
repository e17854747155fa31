import { expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { COMPONENTS, type RestAPI } from '../../../resources/index.ts';
import { adviceLines, adviceOf } from '../../../src/cli/advice.ts';

const BOUNDS = { enabled: true, minReplicas: 1, maxReplicas: 4 };
const REQUESTS = { requests: { cpu: '250m', memory: '256Mi' } };
const cpu = (current: string | undefined) => [{ name: 'cpu', ...(current && { current }), target: '70%' }];

function restApi(
  scaling: object | undefined,
  reported: object = {},
  resources: object = REQUESTS,
): StoredObject<RestAPI> {
  return {
    metadata: { name: 'shop' },
    spec: {
      replicas: 1,
      ...Object.fromEntries(COMPONENTS.map((name) => [name, { enabled: name === 'model', resources }])),
      ...(scaling && { autoScaling: { enabled: true, model: { ...BOUNDS, ...scaling } } }),
    },
    status: { components: [{ name: 'model', replicas: 4, readyReplicas: 4, ...reported }] },
  } as unknown as StoredObject<RestAPI>;
}

const follows = (current: string | undefined, more: object = {}) => ({
  scaling: { minReplicas: 1, maxReplicas: 4, metrics: cpu(current), ...more },
});
const adviceFor = (...of: Parameters<typeof restApi>) => adviceOf(restApi(...of)).flatMap(({ advice }) => advice);
const RECOMMEND = { vertical: { mode: 'Recommend' } };

test.each([
  ['no autoscaling', undefined, {}, [/fixed number of pods; .* set .*enabled/, /to get them, set .*vertical: \{\}/]],
  ['within limits', RECOMMEND, { ...follows('60%'), recommended: { memory: '260Mi' } }, []],
  [
    'at maximum, above target',
    RECOMMEND,
    { ...follows('90%'), recommended: {} },
    [/raise spec.autoScaling.model.maxReplicas \(4\)/],
  ],
  ['at maximum, below target', RECOMMEND, { ...follows('69%'), recommended: {} }, []],
  ['above target, below maximum', RECOMMEND, { ...follows('90%', { maxReplicas: 9 }), recommended: {} }, []],
  ['unknown load', RECOMMEND, { ...follows(undefined), recommended: {} }, [/^cpu is unknown; see .* ScalingActive/]],
  ['unknown usage', RECOMMEND, follows('60%'), [/not enough usage data yet/]],
  [
    'too little memory',
    RECOMMEND,
    { ...follows('60%'), recommended: { memory: '704Mi' } },
    [/^change spec.model.resources.requests: memory from 256Mi to 704Mi; or set vertical.mode/],
  ],
  [
    'too much of both, resized by the operator',
    { vertical: { mode: 'InPlace' } },
    { ...follows('60%'), recommended: { cpu: '100m', memory: '100Mi' } },
    [/operator will change requests: cpu from 250m to 100m, memory from 256Mi to 100Mi$/],
  ],
] as const)('%s', (_what, scaling, reported, expected) => {
  const advice = adviceFor(scaling, reported);
  expect(advice.length).toBe(expected.length);
  for (const [at, pattern] of expected.entries()) expect(advice[at]).toMatch(pattern);
});

test('a missing request', () => {
  const reported = { ...follows('60%'), recommended: { memory: '100Mi' } };
  expect(adviceFor(RECOMMEND, reported, {})).toEqual([expect.stringContaining('requests: memory to 100Mi;')]);
});

test('a component without a status', () => {
  const api = { ...restApi(RECOMMEND), status: undefined };
  expect(adviceOf(api)).toMatchObject([{ name: 'model', replicas: 0, follows: [], requests: REQUESTS.requests }]);
});

test('prints a table and the advice below it', () => {
  const api = restApi(RECOMMEND, { ...follows('90%'), recommended: { memory: '704Mi' } });
  expect(adviceLines(adviceOf(api), { width: Number.POSITIVE_INFINITY, colour: false })).toEqual([
    'COMPONENT  PODS      FOLLOWS         REQUESTS                RECOMMENDED',
    'model      4 of 1-4  cpu 90% of 70%  cpu 250m, memory 256Mi  memory 704Mi',
    expect.stringMatching(/^model: at its maximum and above target/),
    expect.stringMatching(/^model: change spec.model/),
  ]);
});
