import { describe, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { RestAPI } from '../../../resources/index.ts';
import { abortStep, pauseStep, promoteStep, retryStep, rollbackStep } from '../../../src/cli/release-step.ts';

const key = (name: string) => `restapi.dev/${name}`;

interface Given {
  annotations?: Record<string, string>;
  status?: object;
  blueGreen?: object;
  generation?: number;
}

/** Revision `two` is requested and active in green; `one` was active before. */
function restApi({ annotations = {}, status = {}, blueGreen = {}, generation = 3 }: Given = {}): StoredObject<RestAPI> {
  const named = Object.fromEntries(Object.entries(annotations).map(([name, value]) => [key(name), value]));
  return {
    metadata: { name: 'shop', namespace: 'default', uid: 'u', resourceVersion: '7', generation, annotations: named },
    spec: { blueGreen: { enabled: true, paused: false, autoPromotion: { enabled: true, seconds: 0 }, ...blueGreen } },
    status: {
      observedGeneration: 3,
      activeEnvironment: 'green',
      environments: [
        { name: 'green', role: 'active', revision: 'two' },
        { name: 'blue', role: 'idle', revision: 'one' },
      ],
      conditions: conditions({ Promoted: 'Active' }),
      ...status,
    },
  } as unknown as StoredObject<RestAPI>;
}

const conditions = (reasons: Record<string, string>) =>
  Object.entries(reasons).map(([type, reason]) => ({ type, status: 'True', reason, message: `${type} message` }));
const releasing = (phase: string, more: Given = {}): Given => ({
  ...more,
  status: { release: { revision: 'three', environment: 'blue', phase }, conditions: [], ...more.status },
});
const rejection = (revision: string, message = 'it broke') => ({
  revision,
  scope: 'Version',
  reason: 'AutoRollback',
  message,
  at: 'a',
});
const PAST = { previous: 'one', kept: ['three', 'two', 'one', 'zero'] };
const IN_EFFECT = {
  requestedRevision: 'three',
  rollback: { to: 'zero', insteadOf: 'three', scope: 'Version' },
  conditions: conditions({ RolledBack: 'RollbackTo', Promoted: 'Active' }),
};

describe('promote', () => {
  test.each(['Preparing', 'WaitingForPromotion', 'Promoting'])('a release that is %s', (phase) => {
    expect(promoteStep(restApi(releasing(phase)), undefined, false)).toMatchObject({
      annotations: { [key('promote')]: 'three' },
      until: { active: 'three' },
    });
  });

  test('a release that waits for its turn: it begins at once', () => {
    const release = { revision: 'three', environment: 'blue', phase: 'Queued', queuedAt: '2026-01-01T00:00:00Z' };
    const { message } = promoteStep(restApi({ status: { release, conditions: [] } }), undefined, false);
    expect(message).toMatch(/; it begins at once, before releases of other RestAPIs$/);
    expect(promoteStep(restApi(releasing('Queued')), undefined, false).message).not.toContain('begins at once');
  });

  test('skips the checks of this revision only', () => {
    const { annotations } = promoteStep(restApi(releasing('Preparing')), 'three', true);
    expect(annotations).toEqual({ [key('promote')]: 'three', [key('skip-checks')]: 'three' });
  });

  test.each<[string, Given, string | undefined, RegExp]>([
    [
      'no release in progress',
      {},
      undefined,
      /RestAPI default\/shop has no release in progress: nothing to promote\. Revision two is active/,
    ],
    [
      'it was aborted',
      { annotations: { reject: 'three' }, status: { conditions: conditions({ Aborted: 'Rejected' }) } },
      undefined,
      /was aborted; to release it again, run kubectl restapi retry shop/,
    ],
    ['another revision', releasing('Preparing'), 'four', /is releasing revision three, not four/],
    ['rolling back', releasing('RollingBack'), undefined, /needs no promotion/],
    ['paused', releasing('Paused', { blueGreen: { paused: true } }), undefined, /kubectl restapi resume shop/],
    [
      'an outdated status',
      releasing('Preparing', { generation: 4 }),
      undefined,
      /has not reconciled the latest change/,
    ],
    ['no blue-green', { blueGreen: { enabled: false } }, undefined, /spec\.blueGreen\.enabled is false/],
  ])('refuses: %s', (_, given, named, words) => {
    expect(() => promoteStep(restApi(given), named, false)).toThrow(words);
  });
});

describe('abort', () => {
  test('removes a promotion of the same revision, and no other', () => {
    const { annotations, until } = abortStep(
      restApi(releasing('Preparing', { annotations: { promote: 'three' } })),
      undefined,
    );
    expect(annotations).toEqual({ [key('reject')]: 'three', [key('promote')]: null });
    expect(until).toBe('no release');
    const other = abortStep(restApi(releasing('Preparing', { annotations: { promote: 'two' } })), undefined);
    expect(other.annotations).toEqual({ [key('reject')]: 'three' });
  });

  test('refuses without a release in progress, and for a rollback', () => {
    expect(() => abortStep(restApi(), undefined)).toThrow(/nothing to abort/);
    expect(() => abortStep(restApi(releasing('RollingBack')), undefined)).toThrow(/kubectl restapi retry shop/);
    expect(() => abortStep(restApi(releasing('Preparing')), 'two')).toThrow(/not two/);
  });
});

describe('rollback', () => {
  test.each([undefined, 'one'])('to the previous revision (%s): rejects the active one', (named) => {
    const given = { annotations: { promote: 'two', reject: 'one' }, blueGreen: { paused: true } };
    expect(rollbackStep(restApi(given), named, PAST)).toMatchObject({
      annotations: { [key('reject')]: 'two', [key('promote')]: null },
      until: { active: 'one' },
    });
  });

  test('to a revision by name, also if it was rejected: withdraws a rejection that is not accepted yet', () => {
    const given = { annotations: { reject: 'zero' }, status: { rejections: [rejection('zero')] } };
    const step = rollbackStep(restApi(given), 'zero', PAST);
    expect(step.annotations).toEqual({ [key('rollback-to')]: 'zero', [key('reject')]: null });
  });

  test('to a revision by name, whatever is paused', () => {
    const { annotations } = rollbackStep(restApi({ blueGreen: { paused: true } }), 'zero', PAST);
    expect(annotations).toEqual({ [key('rollback-to')]: 'zero' });
  });

  test('to the previous revision by its name, although it was rejected', () => {
    const given = { status: { rejections: [rejection('one')] } };
    expect(rollbackStep(restApi(given), 'one', PAST).annotations).toEqual({ [key('rollback-to')]: 'one' });
  });

  test('by name, after an abort of another release: keeps the rejection that is still in effect', () => {
    const given = { annotations: { reject: 'three' }, status: { conditions: conditions({ Aborted: 'Rejected' }) } };
    expect(rollbackStep(restApi(given), 'one', PAST).annotations).toEqual({ [key('rollback-to')]: 'one' });
  });

  test.each<[string, Given, string | undefined, typeof PAST | { previous: undefined; kept: string[] }, RegExp]>([
    ['already active', {}, 'two', PAST, /already active/],
    ['no previous revision', {}, undefined, { previous: undefined, kept: ['two'] }, /nothing to roll back to/],
    ['unknown revision', {}, 'five', PAST, /has no revision five; available: three, one, zero/],
    ['a release in progress', releasing('Preparing'), undefined, PAST, /kubectl restapi abort shop/],
    ['already rolling back', releasing('RollingBack'), undefined, PAST, /already rolling back to revision three/],
    ['rolled back by name', { status: IN_EFFECT }, undefined, PAST, /already aborted or rolled back/],
    [
      'aborted after a promotion',
      { status: { conditions: conditions({ Promoted: 'Active', Aborted: 'Rejected' }) } },
      undefined,
      PAST,
      /already aborted or rolled back/,
    ],
    [
      'aborted',
      { status: { conditions: conditions({ Aborted: 'Rejected' }) } },
      undefined,
      PAST,
      /already aborted or rolled back/,
    ],
    [
      'the previous revision was rejected',
      { status: { rejections: [rejection('one')] } },
      undefined,
      PAST,
      /was rejected before: it broke\. .*name it: kubectl restapi rollback shop one/,
    ],
    ['no active revision', { status: { environments: [] } }, undefined, PAST, /nothing to roll back from/],
  ])('refuses: %s', (_, given, named, past, words) => {
    expect(() => rollbackStep(restApi(given), named, past)).toThrow(words);
  });
});

describe('retry', () => {
  const aborted = (annotations: Record<string, string> = {}, status: object = {}) =>
    restApi({
      annotations,
      status: {
        requestedRevision: 'three',
        rejections: [rejection('other'), rejection('three')],
        conditions: conditions({ Aborted: 'AutoRollback' }),
        ...status,
      },
    });

  test('of the requested revision: withdraws requests about it', () => {
    const step = retryStep(aborted({ promote: 'three', reject: 'other' }));
    expect(step.annotations).toEqual({ [key('promote')]: null, [key('retry')]: 'three' });
    expect(step.until).toEqual({ active: 'three' });
  });

  test('of a rejection that the operator has not accepted yet', () => {
    const { annotations } = retryStep(aborted({ reject: 'three' }, { rejections: undefined, conditions: [] }));
    expect(annotations).toEqual({ [key('reject')]: null, [key('retry')]: 'three' });
  });

  test('of a configuration of the version that serves', () => {
    const status = { requestedRevision: 'two', rejections: [{ ...rejection('one-c2'), scope: 'Configuration' }] };
    expect(retryStep(aborted({}, status)).annotations).toEqual({ [key('retry')]: 'one-c2' });
  });

  test('of the requested revision, after a rollback by name', () => {
    expect(retryStep(restApi({ status: IN_EFFECT }))).toMatchObject({
      annotations: { [key('retry')]: 'three' },
      until: { active: 'three' },
    });
    const pending = { annotations: { 'rollback-to': 'zero' }, status: { requestedRevision: 'three' } };
    expect(retryStep(restApi(pending)).annotations).toEqual({ [key('rollback-to')]: null, [key('retry')]: 'three' });
  });

  test('of the failed checks of a release that is kept for inspection', () => {
    const checks = { revision: 'three', result: 'Failed' };
    expect(retryStep(restApi(releasing('Checking', { status: { checks } }))).annotations).toEqual({
      [key('retry')]: 'three',
    });
    const others = { revision: 'two', result: 'Failed' };
    expect(() => retryStep(restApi(releasing('Checking', { status: { checks: others } })))).toThrow(/nothing to retry/);
  });

  test('refuses if nothing was aborted or rolled back', () => {
    expect(() => retryStep(restApi())).toThrow(/nothing to retry/);
  });
});

test('pause and resume; both refuse without blue-green', () => {
  expect(pauseStep(restApi(releasing('Preparing')), true)).toMatchObject({
    paused: true,
    message: expect.stringContaining('the release of revision three is paused'),
  });
  const manual = { blueGreen: { paused: true, autoPromotion: { enabled: false, seconds: 0 } } };
  expect(pauseStep(restApi(manual), false).message).toContain('waits for kubectl restapi promote');
  expect(() => pauseStep(restApi({ blueGreen: { enabled: false } }), true)).toThrow(/blueGreen\.enabled is false/);
});
