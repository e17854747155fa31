import { expect, test } from 'vitest';
import { COMPONENTS, type ComponentName, type RestAPI } from '../../../resources/index.ts';
import { effectiveReplicas, type Held } from '../../../src/workload/effective-replicas.ts';

const BOUNDS = { enabled: true, minReplicas: 2, maxReplicas: 5 };
const api = (replicas: number, scaling?: object) =>
  ({
    metadata: { name: 'shop' },
    spec: {
      replicas,
      ...Object.fromEntries(COMPONENTS.map((name) => [name, { enabled: name === 'model' }])),
      ...(scaling && { autoScaling: { enabled: true, model: { ...BOUNDS, ...scaling } } }),
    },
  }) as unknown as RestAPI;
const ZERO = { minReplicas: 0, metrics: [{ type: 'External', name: 'queue', value: 1 }] };

const CASES: [what: string, api: RestAPI, found: Held | undefined, replicas: number, asked: number | undefined][] = [
  ['without scaling: what the spec asks for', api(3), { replicas: 9 }, 3, undefined],
  ['at the start: what the spec asks for', api(3, {}), undefined, 3, 3],
  ['at the start: no fewer than the least', api(1, {}), undefined, 2, 1],
  ['at the start: no more than the most', api(9, {}), undefined, 5, 9],
  ['at the start: one, though it may be none', api(1, ZERO), undefined, 1, 1],
  ['turned on: what there is', api(3, {}), { replicas: 4 }, 4, 3],
  ['turned on: also more than the most, for the autoscaler to bring down', api(3, {}), { replicas: 8 }, 8, 3],
  ['scaled: what the autoscaler made it', api(2, {}), { replicas: 5, asked: 2 }, 5, 2],
  ['scaled: the spec asks for another number', api(4, {}), { replicas: 5, asked: 2 }, 5, 4],
  ['scaled to none by the autoscaler', api(2, ZERO), { replicas: 0, asked: 2 }, 0, 2],
  ['scaled to none by somebody else', api(3, {}), { replicas: 0, asked: 3 }, 3, 3],
  ['stopped', api(0, {}), { replicas: 5, asked: 2 }, 0, undefined],
  ['started again', api(3, {}), { replicas: 0 }, 3, 3],
  ['started again where none may be', api(3, ZERO), { replicas: 0 }, 3, 3],
  ['turned off: what there is', api(2), { replicas: 5, asked: 2 }, 5, 2],
  ['turned off: back at what the spec asks for', api(2), { replicas: 2, asked: 2 }, 2, undefined],
  ['turned off, and another number asked for', api(3), { replicas: 5, asked: 2 }, 3, undefined],
  ['turned off for this component', api(2, { enabled: false }), { replicas: 5, asked: 2 }, 5, 2],
];

test.each(CASES)('%s', (_what, of, found, replicas, asked) => {
  const model: Partial<Record<ComponentName, Held>> = found ? { model: found } : {};
  expect(effectiveReplicas(of, model)).toEqual({
    replicas: { model: replicas },
    asked: asked === undefined ? {} : { model: asked },
  });
});
