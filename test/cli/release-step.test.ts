import { describe, expect, test } from 'vitest';
import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { abortStep, pauseStep, promoteStep, retryStep, rollbackStep } from '../../src/cli/release-step.ts';

const key = (name: string) => `restapi.dev/${name}`;

interface Given {
  annotations?: Record<string, string>;
  status?: object;
  blueGreen?: object;
  generation?: number;
}

/** Revision `two` is active in green and asked for, `one` was before it. */
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
  Object.entries(reasons).map(([type, reason]) => ({ type, status: 'True', reason, message: `${type} said` }));
const releasing = (phase: string, more: Given = {}): Given => ({
  ...more,
  status: { release: { revision: 'three', environment: 'blue', phase }, conditions: [], ...more.status },
});
const PAST = { previous: 'one', kept: ['three', 'two', 'one', 'zero'] };
const IN_FORCE = {
  rollback: { to: 'zero', insteadOf: 'three' },
  conditions: conditions({ RolledBack: 'RollbackTo', Promoted: 'Active' }),
};

describe('promote', () => {
  test.each(['Preparing', 'WaitingForPromotion', 'Promoting'])('a release that is %s', (phase) => {
    expect(promoteStep(restApi(releasing(phase)), undefined, false)).toMatchObject({
      annotations: { [key('promote')]: 'three' },
      until: { active: 'three' },
    });
  });

  test('without checks, which is said of this revision only', () => {
    const { annotations } = promoteStep(restApi(releasing('Preparing')), 'three', true);
    expect(annotations).toEqual({ [key('promote')]: 'three', [key('skip-checks')]: 'three' });
  });

  test.each<[string, Given, string | undefined, RegExp]>([
    ['nothing under way', {}, undefined, /no release of RestAPI default\/shop is under way.*revision two is active/],
    [
      'it was given up',
      { annotations: { reject: 'three' }, status: { conditions: conditions({ Aborted: 'Rejected' }) } },
      undefined,
      /was given up \(kubectl restapi retry shop\)/,
    ],
    ['another revision', releasing('Preparing'), 'four', /is of revision three, not of four/],
    ['going back', releasing('RollingBack'), undefined, /needs no promotion/],
    ['paused', releasing('Paused', { blueGreen: { paused: true } }), undefined, /kubectl restapi resume shop/],
    [
      'a status of the past',
      releasing('Preparing', { generation: 4 }),
      undefined,
      /has not looked at the latest change/,
    ],
    ['no blue-green', { blueGreen: { enabled: false } }, undefined, /spec\.blueGreen\.enabled is false/],
  ])('refused: %s', (_, given, named, words) => {
    expect(() => promoteStep(restApi(given), named, false)).toThrow(words);
  });
});

describe('abort', () => {
  test('takes off the promotion of the same revision, which a retry would find, and no other', () => {
    const { annotations, until } = abortStep(
      restApi(releasing('Preparing', { annotations: { promote: 'three' } })),
      undefined,
    );
    expect(annotations).toEqual({ [key('reject')]: 'three', [key('promote')]: null });
    expect(until).toBe('no release');
    const other = abortStep(restApi(releasing('Preparing', { annotations: { promote: 'two' } })), undefined);
    expect(other.annotations).toEqual({ [key('reject')]: 'three' });
  });

  test('refused where nothing is under way, or it is a way back', () => {
    expect(() => abortStep(restApi(), undefined)).toThrow(/nothing to abort/);
    expect(() => abortStep(restApi(releasing('RollingBack')), undefined)).toThrow(/kubectl restapi retry shop/);
    expect(() => abortStep(restApi(releasing('Preparing')), 'two')).toThrow(/not of two/);
  });
});

describe('rollback', () => {
  test.each([undefined, 'one'])('to the one before (%s): what is active is rejected', (named) => {
    const given = { annotations: { promote: 'two', reject: 'one' }, blueGreen: { paused: true } };
    expect(rollbackStep(restApi(given), named, PAST)).toMatchObject({
      annotations: { [key('reject')]: 'two', [key('promote')]: null },
      until: { active: 'one' },
    });
  });

  test('to one by its name: promoted without asking, and what was said against it is taken off', () => {
    const given = {
      annotations: { reject: 'zero' },
      status: { rejected: { revision: 'zero', reason: 'AutoRollback', message: 'm', at: 'a' } },
    };
    const step = rollbackStep(restApi(given), 'zero', PAST);
    expect(step.annotations).toEqual({
      [key('rollback-to')]: 'zero',
      [key('promote')]: 'zero',
      [key('reject')]: null,
      [key('retry')]: 'zero',
    });
    expect(step.first).toBeUndefined();
  });

  test('a rejection that still counts is not overwritten: by name, while another release was given up', () => {
    const given = { annotations: { reject: 'three' }, status: { conditions: conditions({ Aborted: 'Rejected' }) } };
    expect(rollbackStep(restApi(given), 'one', PAST).annotations).toEqual({
      [key('rollback-to')]: 'one',
      [key('promote')]: 'one',
    });
  });

  test('an annotation that says the same about an older spec must be forgotten first; one in force need not be', () => {
    const old = { annotations: { 'rollback-to': 'zero' }, status: { rollback: { to: 'zero', insteadOf: 'x' } } };
    const { first } = rollbackStep(restApi(old), 'zero', PAST);
    expect(first?.annotation).toBe(key('rollback-to'));
    expect(first?.forgotten(restApi(old))).toBe(false);
    expect(first?.forgotten(restApi())).toBe(true);
    const inForce = restApi({ annotations: { 'rollback-to': 'zero' }, status: IN_FORCE });
    expect(rollbackStep(inForce, 'zero', PAST).first).toBeUndefined();
  });

  test.each<[string, Given, string | undefined, typeof PAST | { previous: undefined; kept: string[] }, RegExp]>([
    ['active already', {}, 'two', PAST, /active already/],
    ['none before', {}, undefined, { previous: undefined, kept: ['two'] }, /nothing to go back to/],
    ['not kept', {}, 'five', PAST, /is not kept; there are: three, one, zero/],
    ['a release under way', releasing('Preparing'), undefined, PAST, /kubectl restapi abort shop/],
    ['on the way back', releasing('RollingBack'), undefined, PAST, /on its way back to revision three already/],
    ['taken back by name', { status: IN_FORCE }, undefined, PAST, /taken back already/],
    [
      'given up, and nothing to go back to',
      { status: { conditions: conditions({ Promoted: 'Active', Aborted: 'Rejected' }) } },
      undefined,
      PAST,
      /taken back already/,
    ],
    ['aborted', { status: { conditions: conditions({ Aborted: 'Rejected' }) } }, undefined, PAST, /taken back already/],
    ['held by a pause', { blueGreen: { paused: true } }, 'zero', PAST, /kubectl restapi resume shop/],
    [
      'the one before was given up',
      { status: { rejected: { revision: 'one', message: 'it broke' } } },
      undefined,
      PAST,
      /was given up before: it broke/,
    ],
    ['nothing active', { status: { environments: [] } }, undefined, PAST, /nothing to go back from/],
  ])('refused: %s', (_, given, named, past, words) => {
    expect(() => rollbackStep(restApi(given), named, past)).toThrow(words);
  });
});

describe('retry', () => {
  const given = (reason: string, annotations: Record<string, string>, rejected?: object) =>
    restApi({ annotations, status: { conditions: conditions({ Aborted: reason }), ...(rejected && { rejected }) } });

  test('of what a person gave up: the annotation goes, and the promotion with it', () => {
    const step = retryStep(given('Rejected', { reject: 'three', promote: 'three' }));
    expect(step.annotations).toEqual({ [key('reject')]: null, [key('promote')]: null });
    expect(step.until).toEqual({ active: 'three' });
  });

  test('of what the operator gave up: the first one, and another after it', () => {
    const first = retryStep(given('AutoRollback', { reject: 'old' }, { revision: 'three' }));
    expect(first).toMatchObject({ annotations: { [key('retry')]: 'three' } });
    expect(first.annotations).not.toHaveProperty(key('reject'));
    expect(first.first).toBeUndefined();
    const again = retryStep(given('AutoRollback', { retry: 'three' }, { revision: 'three', retried: true }));
    expect(again.first?.annotation).toBe(key('retry'));
  });

  test('of what both gave up', () => {
    const step = retryStep(given('Rejected', { reject: 'three' }, { revision: 'three' }));
    expect(step.annotations).toEqual({ [key('reject')]: null, [key('retry')]: 'three' });
  });

  test('of what the spec asks for, after a way back by name', () => {
    const annotations = { 'rollback-to': 'zero', promote: 'zero', reject: 'three' };
    expect(retryStep(restApi({ annotations, status: IN_FORCE }))).toMatchObject({
      annotations: { [key('rollback-to')]: null, [key('promote')]: null, [key('reject')]: null },
      until: { active: 'three' },
    });
  });

  test('refused where nothing was given up', () => {
    expect(() => retryStep(restApi())).toThrow(/nothing to retry/);
  });
});

test('pause and resume; without blue-green there is nothing to hold', () => {
  expect(pauseStep(restApi(releasing('Preparing')), true)).toMatchObject({
    paused: true,
    says: expect.stringContaining('the release of revision three is held'),
  });
  const byHand = { blueGreen: { paused: true, autoPromotion: { enabled: false, seconds: 0 } } };
  expect(pauseStep(restApi(byHand), false).says).toContain('waits for kubectl restapi promote');
  expect(() => pauseStep(restApi({ blueGreen: { enabled: false } }), true)).toThrow(/blueGreen\.enabled is false/);
});
