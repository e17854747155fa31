import { describe, expect, test } from 'vitest';
import type { AttemptResult } from '../../../src/blue-green/observed.ts';
import { annotate, answer, BAD, check, GOOD, go, job, names, ready } from './checked-release.ts';

const prometheus = { query: 'x', max: 1 };
const errors = (more: Parameters<typeof check>[1] = {}) => check('errors', { http: undefined, prometheus, ...more });
const NO_ANSWER: AttemptResult = { ok: false, unknown: true, message: 'the query returned no value' };

describe('a check without an answer', () => {
  test('is asked again until its deadline, and is neither counted nor a reason to reject', () => {
    const { cluster, plan } = ready({ prePromotion: [errors()] });
    answer(cluster, plan, NO_ANSWER);
    const waits = go(cluster);
    expect(waits.status.checks?.checks).toMatchObject([
      { result: 'Running', attempts: 0, failures: 0, message: 'no answer yet: the query returned no value' },
    ]);
    expect(names(waits)).toEqual(['errors 1']);
    expect(waits.requeueAfterMs).toBe(300_000);
    cluster.now += 299_999;
    expect(names(go(cluster))).toEqual(['errors 1']);
    answer(cluster, go(cluster), GOOD);
    go(cluster);
    expect(cluster.front?.environment).toBe('green');
  });

  test('is Unknown after its deadline: the release waits for a person, who may skip the checks', () => {
    const { cluster, revision, plan } = ready({ prePromotion: [errors({ unknownAfterSeconds: 60 })] });
    answer(cluster, plan, NO_ANSWER);
    go(cluster);
    cluster.now += 60_000;
    const ended = cluster.run();
    expect(ended.events).toMatchObject([
      {
        type: 'Warning',
        reason: 'ChecksUnknown',
        note: `Revision ${revision}: check errors had no answer in time: the query returned no value`,
      },
    ]);
    const left = go(cluster);
    expect(left.status).toMatchObject({
      checks: { result: 'Unknown', checks: [{ result: 'Unknown', attempts: 0 }] },
      release: {
        phase: 'WaitingForPromotion',
        message:
          'Ready, but nothing is known: check errors had no answer in time: the query returned no value. Promote it with kubectl restapi promote shop --skip-checks, or repeat the checks with kubectl restapi retry shop',
      },
    });
    expect(left).toMatchObject({ attempts: [], requeueAfterMs: undefined, events: [] });
    cluster.now += 24 * 3_600_000;
    go(cluster);
    expect(cluster.front?.environment).toBe('blue');
    annotate(cluster, { 'restapi.dev/skip-checks': revision });
    go(cluster);
    expect(cluster.front?.environment).toBe('green');
  });

  test('can be asked again by a person', () => {
    const { cluster, revision, plan } = ready({ prePromotion: [errors()] });
    answer(cluster, plan, { ...NO_ANSWER, final: true });
    go(cluster);
    cluster.now += 1_000;
    annotate(cluster, { 'restapi.dev/retry': revision });
    const again = go(cluster);
    expect(again.status.checks).toMatchObject({ result: 'Running' });
    answer(cluster, again, GOOD);
    go(cluster);
    expect(cluster.front?.environment).toBe('green');
  });

  test('is Unknown at once if it never can have one', () => {
    const { cluster, plan } = ready({ prePromotion: [errors()] });
    answer(cluster, plan, { ...NO_ANSWER, final: true });
    expect(cluster.run().status.checks?.result).toBe('Unknown');
  });

  test('does not hide the failure of another', () => {
    const { cluster, plan } = ready({ prePromotion: [errors(), job('suite')] });
    answer(cluster, plan, { ...NO_ANSWER, final: true }, 'errors');
    const half = go(cluster);
    expect(half.status.checks?.result).toBe('Running');
    answer(cluster, half, BAD, 'suite');
    expect(cluster.run().status.checks?.result).toBe('Failed');
  });

  test('takes nothing away from what serves after the switch', () => {
    const { cluster, plan } = ready({ postPromotion: [errors({ unknownAfterSeconds: 60 })] });
    answer(cluster, plan, NO_ANSWER);
    go(cluster);
    cluster.now += 60_000;
    go(cluster);
    expect(cluster.front?.environment).toBe('green');
    expect(cluster.api.status?.checks).toMatchObject({ stage: 'postPromotion', result: 'Unknown' });
    expect(cluster.api.status?.rejections).toBeUndefined();
  });
});

describe('a check that is tried out', () => {
  test.each([['fails', BAD, 'Failed'] as const, ['has no answer', { ...NO_ANSWER, final: true }, 'Unknown'] as const])(
    'is waited for and reported; that it %s does not count',
    (_, result, reported) => {
      const { cluster, plan } = ready({ prePromotion: [check('smoke'), errors({ dryRun: true })] });
      answer(cluster, plan, GOOD, 'smoke');
      const half = go(cluster);
      expect(half.status.release?.phase).toBe('Checking');
      answer(cluster, half, result);
      go(cluster);
      expect(cluster.front?.environment).toBe('green');
      expect(cluster.api.status?.checks).toMatchObject({
        result: 'Passed',
        checks: [
          { name: 'smoke', result: 'Passed' },
          { name: 'errors', result: reported, dryRun: true },
        ],
      });
    },
  );
});

test('a check starts after its initial delay, which delays no other', () => {
  const { cluster, plan } = ready({ prePromotion: [check('smoke'), check('load', { initialDelaySeconds: 60 })] });
  expect(names(plan)).toEqual(['smoke 1']);
  answer(cluster, plan, GOOD);
  expect(go(cluster)).toMatchObject({ attempts: [], requeueAfterMs: 60_000 });
  cluster.now += 60_000;
  expect(names(go(cluster))).toEqual(['load 1']);
});
