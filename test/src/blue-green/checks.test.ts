import { describe, expect, test } from 'vitest';
import { attemptName, type CheckSpec } from '../../../resources/index.ts';
import { annotate, answer, BAD, check, GOOD, go, job, names, ready, tried } from './checked-release.ts';
import { ModelCluster } from './model-cluster.ts';
import { stored } from './stored.ts';

describe('until the nodes have followed the endpoints', () => {
  test('no check starts: time for kube-proxy, less what the pods were behind the Services already', () => {
    const start = (minReadySeconds: number) => {
      const cluster = new ModelCluster(
        stored('a', { prePromotion: [check('smoke')], postPromotion: [check('after')] }),
      );
      cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, minReadySeconds } };
      cluster.checkDelayMs = 3_000;
      go(cluster);
      cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, image: 'b' } };
      return { cluster, plan: go(cluster) };
    };
    const { cluster, plan } = start(1);
    expect({ tried: names(plan), requeueAfterMs: plan.requeueAfterMs }).toEqual({ tried: [], requeueAfterMs: 2_000 });
    cluster.now += 2_000;
    expect(names(go(cluster))).toEqual(['smoke 1']);
    answer(cluster, go(cluster), GOOD);
    // The front Service may still lead to the old version.
    expect(go(cluster)).toMatchObject({ attempts: [], requeueAfterMs: 3_000 });
    expect(cluster.front?.environment).toBe('green');
    cluster.now += 3_000;
    expect(names(go(cluster))).toEqual(['after 1']);
    expect(names(start(10).plan)).toEqual(['smoke 1']);
  });

  test('an attempt that does not reach its component does not count, and the status says so', () => {
    const { cluster, plan } = ready({ prePromotion: [check('smoke', { successes: 2 })] });
    const [first] = plan.attempts;
    expect(first?.reachableBy).toBe(cluster.now + 30_000);
    answer(cluster, plan, { ok: false, unknown: true, message: 'GET x: connect ECONNREFUSED' });
    const again = go(cluster);
    expect(again.attempts.map(attemptName)).toEqual(plan.attempts.map(attemptName));
    expect(again.status.checks?.checks).toMatchObject([
      { result: 'Running', attempts: 0, failures: 0, message: 'no answer yet: GET x: connect ECONNREFUSED' },
    ]);
    expect(again.status.rejections?.[0]).toBeUndefined();
    answer(cluster, again, GOOD);
    go(cluster);
    cluster.now += 10_000;
    // It was reached once: from now on that it is not counts.
    const second = go(cluster);
    expect(second.attempts).toMatchObject([{ number: 2 }]);
    expect(second.attempts[0]?.reachableBy).toBeUndefined();
  });

  test('only requests to components have such a time', () => {
    const prometheus = { query: 'up', max: 1 };
    const { plan } = ready({ prePromotion: [check('load', { http: undefined, prometheus }), job('suite')] });
    expect(tried(plan).map(({ reachableBy }) => reachableBy)).toEqual([undefined, undefined]);
  });
});

describe('before promotion', () => {
  test('checks begin when the preview is ready, and nothing is promoted before all have passed', () => {
    const cluster = new ModelCluster(stored('a', { prePromotion: [check('smoke'), job('suite')] }));
    expect(go(cluster).status.checks).toBeUndefined();
    cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, image: 'b' } };
    expect(cluster.run()).toMatchObject({ attempts: [], status: { release: { phase: 'Preparing' } } });
    const plan = go(cluster);
    expect(names(plan)).toEqual(['smoke 1', 'suite 1']);
    expect(plan.status).toMatchObject({
      release: { phase: 'Checking', message: 'Ready; running checks: smoke, suite' },
      checks: { stage: 'prePromotion', result: 'Running' },
    });
    answer(cluster, plan, GOOD, 'smoke');
    const half = go(cluster);
    expect(half.status.checks?.checks.map(({ result }) => result)).toEqual(['Passed', 'Running']);
    expect(names(half)).toEqual(['suite 1']);
    expect(cluster.front?.environment).toBe('blue');
    answer(cluster, half, GOOD);
    go(cluster);
    expect(cluster.front?.environment).toBe('green');
    expect(go(cluster).decision.jobs).toBeUndefined();
    expect(cluster.api.status?.checks).toMatchObject({ stage: 'prePromotion', result: 'Passed' });
  });

  test('no attempt is made before the status records it', () => {
    const cluster = new ModelCluster(stored('a', { prePromotion: [check('smoke')] }));
    go(cluster);
    cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, image: 'b' } };
    cluster.run();
    cluster.settle();
    // Killed before the status is written.
    for (let round = 0; round < 3; round++) expect(cluster.run(6).attempts).toEqual([]);
    expect(cluster.run().attempts).toEqual([]);
    expect(names(cluster.run())).toEqual(['smoke 1']);
  });

  test('a check that failed has the revision rejected, in words; nothing switches', () => {
    const { cluster, revision, plan } = ready({ prePromotion: [check('smoke')] });
    answer(cluster, plan, BAD);
    const failed = cluster.run();
    expect(failed.status).toMatchObject({
      rejections: [
        {
          revision,
          scope: 'Version',
          reason: 'CheckFailed',
          message: 'check smoke failed (1 of 1 attempts): it answered 503',
        },
      ],
    });
    expect(failed.events).toMatchObject([{ type: 'Warning', reason: 'ChecksFailed' }]);
    // Written down first: the pods are still there.
    expect(Object.values(cluster.environments.green ?? {}).map(({ replicas }) => replicas)).toEqual([2, 2, 2, 2]);
    go(cluster);
    expect(Object.values(cluster.environments.green ?? {}).map(({ replicas }) => replicas)).toEqual([0, 0, 0, 0]);
    expect(cluster.front?.environment).toBe('blue');
    expect(cluster.api.status?.history).toMatchObject([
      { result: 'Aborted', message: expect.stringContaining('smoke') },
    ]);
  });

  test('with abortOnFailure off the failed release and its Job stay', () => {
    const { cluster, plan } = ready({ prePromotion: [job('suite')], abortOnFailure: false });
    answer(cluster, plan, BAD);
    const left = go(cluster);
    expect(left.status.rejections?.[0]).toBeUndefined();
    expect(left.status.release?.message).toContain('Not promoted: check suite failed');
    expect(names(left)).toEqual(['suite 1']);
    cluster.now += 24 * 3_600_000;
    go(cluster);
    expect(cluster.front?.environment).toBe('blue');
  });

  describe('with abortOnFailure off, after a check failed', () => {
    function failed() {
      const checks = [check('smoke'), check('other')];
      const { cluster, revision, plan } = ready({ prePromotion: checks, abortOnFailure: false });
      answer(cluster, plan, BAD, 'smoke');
      answer(cluster, plan, GOOD, 'other');
      expect(go(cluster).status.checks?.result).toBe('Failed');
      cluster.now += 1_000;
      return { cluster, revision, plan };
    }
    const redefine = (cluster: ModelCluster, checks: CheckSpec[]) => {
      const blueGreen = { ...cluster.api.spec.blueGreen, prePromotion: checks };
      cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, blueGreen: blueGreen as never } };
    };

    test('a check whose definition was corrected starts over, and the others keep their results', () => {
      const { cluster } = failed();
      redefine(cluster, [check('smoke', { http: { path: '/well' } as never }), check('other')]);
      const plan = go(cluster);
      expect(names(plan)).toEqual(['smoke 1']);
      answer(cluster, plan, GOOD);
      go(cluster);
      expect(cluster.front?.environment).toBe('green');
    });

    test('a check that is removed holds nothing back', () => {
      const { cluster } = failed();
      redefine(cluster, [check('other')]);
      go(cluster);
      expect(cluster.front?.environment).toBe('green');
    });

    test('a change of a check that passed does not repeat the failed one', () => {
      const { cluster } = failed();
      redefine(cluster, [check('smoke'), check('other', { intervalSeconds: 1 })]);
      expect(tried(go(cluster))).toEqual([]);
      expect(cluster.api.status?.checks?.result).toBe('Failed');
    });

    test('retry repeats them', () => {
      const { cluster, revision, plan } = failed();
      annotate(cluster, { 'restapi.dev/retry': revision });
      const again = go(cluster);
      expect(names(again)).toEqual(['smoke 1', 'other 1']);
      expect(tried(again).map(attemptName)).not.toEqual(tried(plan).map(attemptName));
      expect(cluster.api.metadata.annotations).toEqual({});
      answer(cluster, again, GOOD);
      go(cluster);
      expect(cluster.front?.environment).toBe('green');
    });
  });

  test('the allowed failures, an interval apart, and the required successes', () => {
    const { cluster, plan } = ready({ prePromotion: [check('smoke', { successes: 2, allowedFailures: 1 })] });
    answer(cluster, plan, GOOD);
    const waits = go(cluster);
    expect(waits.status.checks?.checks).toMatchObject([{ result: 'Running', attempts: 1, failures: 0 }]);
    expect(waits).toMatchObject({ attempts: [], requeueAfterMs: 10_000 });
    cluster.now += 10_000;
    const second = go(cluster);
    expect(names(second)).toEqual(['smoke 2']);
    answer(cluster, second, BAD);
    go(cluster);
    cluster.now += 10_000;
    answer(cluster, go(cluster), GOOD);
    go(cluster);
    expect(cluster.api.status?.checks?.checks).toMatchObject([{ result: 'Passed', attempts: 3, failures: 1 }]);
    expect(cluster.front?.environment).toBe('green');
  });

  test('an answer that no further attempt would change ends it, whatever is allowed', () => {
    const { cluster, plan } = ready({ prePromotion: [check('smoke', { allowedFailures: 5 })] });
    answer(cluster, plan, { ...BAD, final: true });
    expect(cluster.run().status.rejections?.[0]?.reason).toBe('CheckFailed');
  });

  test('a Job that never ends counts as failed; a request is made again by the next operator', () => {
    const { cluster, plan } = ready({ prePromotion: [job('suite', { timeoutSeconds: 60 }), check('smoke')] });
    expect(names(plan)).toEqual(['smoke 1', 'suite 1']);
    cluster.now += 119_999;
    expect(names(go(cluster))).toEqual(['smoke 1', 'suite 1']);
    cluster.now += 1;
    expect(cluster.run().status.rejections?.[0]?.message).toContain('its Job did not finish within 60 s');
  });

  test('both the wait and the checks must be over', () => {
    const settings = { prePromotion: [check('smoke')], autoPromotion: { enabled: true, seconds: 60 } };
    const { cluster, plan } = ready(settings);
    answer(cluster, plan, GOOD);
    expect(go(cluster).status.release?.phase).toBe('WaitingForPromotion');
    cluster.now += 60_000;
    go(cluster);
    expect(cluster.front?.environment).toBe('green');
  });

  test('promote does not skip checks; skip-checks of this revision does, and the history records it', () => {
    const { cluster, revision } = ready({ prePromotion: [check('smoke')] });
    annotate(cluster, { 'restapi.dev/promote': revision, 'restapi.dev/skip-checks': 'another' });
    go(cluster);
    expect(cluster.front?.environment).toBe('blue');
    annotate(cluster, { 'restapi.dev/skip-checks': revision });
    expect(cluster.run().events).toMatchObject([{ reason: 'RequestAccepted' }, { reason: 'ChecksSkipped' }]);
    go(cluster);
    expect(cluster.front?.environment).toBe('green');
    expect(cluster.api.status?.history?.[0]).toMatchObject({
      result: 'Promoted',
      message: expect.stringContaining('checks were skipped'),
    });
  });

  test('a retry is checked again', () => {
    const { cluster, revision, plan } = ready({ prePromotion: [check('smoke')] });
    answer(cluster, plan, BAD);
    go(cluster);
    cluster.now += 1_000;
    annotate(cluster, { 'restapi.dev/retry': revision });
    const again = go(cluster, 6);
    expect(names(again)).toEqual(['smoke 1']);
    expect(tried(again).map(attemptName)).not.toEqual(tried(plan).map(attemptName));
    answer(cluster, again, GOOD);
    go(cluster);
    expect(cluster.front?.environment).toBe('green');
  });

  test('a Job that is changed has another name', () => {
    const { cluster, plan } = ready({ prePromotion: [job('suite')] });
    const blueGreen = { ...cluster.api.spec.blueGreen, prePromotion: [job('suite', { job: { image: 'tests:2' } })] };
    cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, blueGreen: blueGreen as never } };
    const changed = go(cluster);
    expect(names(changed)).toEqual(['suite 1']);
    expect(tried(changed).map(attemptName)).not.toEqual(tried(plan).map(attemptName));
  });
});

describe('after the switch', () => {
  test('checks begin with the switch; the old version keeps its pods until they are over', () => {
    const { cluster, plan } = ready({ postPromotion: [check('smoke')], scaleDownDelaySeconds: 1 });
    expect(cluster.front?.environment).toBe('green');
    expect(plan.attempts).toMatchObject([{ stage: 'postPromotion', environment: { name: 'green' } }]);
    cluster.now += 5_000;
    const running = go(cluster);
    expect(Object.values(cluster.environments.blue ?? {}).map(({ replicas }) => replicas)).toEqual([2, 2, 2, 2]);
    answer(cluster, running, GOOD);
    go(cluster, 6);
    expect(Object.values(cluster.environments.blue ?? {}).map(({ replicas }) => replicas)).toEqual([0, 0, 0, 0]);
    expect(cluster.api.status?.checks).toMatchObject({ stage: 'postPromotion', result: 'Passed' });
  });

  test('a check that failed sends requests back, by one switch, and the revision stays rejected', () => {
    const { cluster, revision, plan } = ready({ postPromotion: [check('smoke')], scaleDownDelaySeconds: 1 });
    cluster.now += 5_000;
    answer(cluster, plan, BAD);
    let switches = 0;
    cluster.onSwitch = () => {
      switches++;
    };
    const failed = cluster.run();
    expect(failed.status.rejections?.[0]).toMatchObject({ revision, reason: 'CheckFailed' });
    expect(Object.values(cluster.environments.blue ?? {}).map(({ replicas }) => replicas)).toEqual([2, 2, 2, 2]);
    go(cluster);
    expect(cluster.front?.environment).toBe('blue');
    expect(switches).toBe(1);
    expect(cluster.api.status?.history?.[0]).toMatchObject({
      result: 'RolledBack',
      message: expect.stringContaining('check smoke failed'),
    });
    // What was gone back to is not checked.
    expect(go(cluster).attempts).toEqual([]);
  });

  test('the Jobs go when the last check is over', () => {
    const { cluster, plan } = ready({ postPromotion: [job('suite'), check('smoke')] });
    answer(cluster, plan, GOOD, 'suite');
    expect(names(go(cluster))).toEqual(['smoke 1', 'suite 1']);
    answer(cluster, cluster.run(), GOOD);
    // Not before that is written down.
    expect(cluster.run().decision.jobs).toHaveLength(1);
    expect(go(cluster).decision.jobs).toBeUndefined();
  });

  test('one that is added later takes nothing away from what serves', () => {
    const { cluster } = ready({});
    expect(cluster.front?.environment).toBe('green');
    const blueGreen = { ...cluster.api.spec.blueGreen, postPromotion: [check('late')] };
    cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, blueGreen: blueGreen as never } };
    expect(go(cluster)).toMatchObject({ attempts: [] });
    expect(cluster.api.status?.checks).toBeUndefined();
  });

  test('begins after a crash between the switch and the status', () => {
    const { cluster, plan } = ready({ prePromotion: [check('pre')], postPromotion: [check('post')] });
    answer(cluster, plan, GOOD);
    cluster.run();
    // All writes of the look that switches but the status.
    while (cluster.front?.environment === 'blue') {
      cluster.settle();
      cluster.run(8);
      if (cluster.front?.environment === 'blue') cluster.run();
    }
    cluster.settle();
    cluster.run();
    expect(names(cluster.run())).toEqual(['post 1']);
  });
});
