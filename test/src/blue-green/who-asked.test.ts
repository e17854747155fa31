import { describe, expect, test } from 'vitest';
import { releaseAuthors, withoutAuthor } from '../../../src/blue-green/author.ts';
import { releaseHolds } from '../../../src/blue-green/release-holds.ts';
import type { ModelCluster } from './model-cluster.ts';
import { change, condition, rest, serving } from './model-steps.ts';

/** A user sets an annotation about releases; the API server stamps the name. */
function ask(cluster: ModelCluster, by: string | undefined, verb: string, revision: string): void {
  const annotations = { [`restapi.dev/${verb}`]: revision, ...(by && { 'restapi.dev/changed-by': by }) };
  cluster.api = { ...cluster.api, metadata: { ...cluster.api.metadata, annotations } };
}

function onVersionB() {
  const cluster = serving();
  const [a = '', b = ''] = ['a', 'b'].map((image) => {
    const name = change(cluster, { image });
    rest(cluster);
    cluster.now += 60_000;
    rest(cluster);
    return name;
  });
  return { cluster, a, b };
}

describe('who asked', () => {
  test('for a rollback is in its status, Event, condition and hold', () => {
    const { cluster, a, b } = onVersionB();
    ask(cluster, 'alice', 'rollback-to', a);
    const at = new Date(cluster.now).toISOString();
    const first = cluster.run();
    expect(first.status.rollback).toEqual({ to: a, insteadOf: b, scope: 'Version', at, by: 'alice' });
    expect(first.events).toEqual([
      {
        type: 'Normal',
        reason: 'RequestAccepted',
        action: 'Release',
        note: `Accepted the request of alice: restapi.dev/rollback-to=${a}`,
      },
    ]);
    // Another user changes something else meanwhile.
    ask(cluster, 'bob', 'note', 'x');
    const plan = rest(cluster);
    expect(plan.status.rollback).toMatchObject({ at, by: 'alice' });
    expect(condition(plan, 'RolledBack')?.message).toMatch(`Rolled back by alice to revision ${a} instead of ${b}`);
    expect(releaseHolds(cluster.api)).toEqual([
      {
        revision: b,
        reason: 'RollbackTo',
        by: 'alice',
        since: at,
        message: `Rolled back to revision ${a}`,
        command: 'kubectl restapi retry shop -n default',
      },
    ]);
  });

  test('is not made up where it is not known', () => {
    const { cluster, a } = onVersionB();
    ask(cluster, undefined, 'rollback-to', a);
    const { status, events } = cluster.run(0);
    expect(status.rollback).not.toHaveProperty('by');
    expect(events[0]?.note).toMatch('Accepted the request of a user');
    expect(condition(rest(cluster), 'RolledBack')?.message).toMatch('Rolled back to revision');
    expect(releaseHolds(cluster.api)).toMatchObject([{ by: 'a user' }]);
  });

  test('for a rejection is in its message', () => {
    const { cluster, b } = onVersionB();
    ask(cluster, 'alice', 'reject', b);
    const { status } = rest(cluster);
    expect(status.rejections?.[0]).toMatchObject({ revision: b, by: 'alice', message: 'alice rejected it' });
    expect(status.history?.[0]).toMatchObject({ result: 'RolledBack', by: 'alice' });
    expect(releaseHolds(cluster.api)).toMatchObject([{ revision: b, reason: 'Rejected', by: 'alice' }]);
  });

  test('for a promotion is kept with the release, whoever changes the RestAPI later', () => {
    const cluster = serving({ autoPromotion: { enabled: false, seconds: 0 } });
    ask(cluster, 'alice', 'note', 'x');
    const b = change(cluster, { image: 'b' });
    rest(cluster);
    ask(cluster, 'bob', 'promote', b);
    const promoting = cluster.run().status.release;
    expect(promoting).toMatchObject({ by: 'alice', promote: true, promotedBy: 'bob' });
    expect(promoting && releaseAuthors(promoting)).toEqual(['requested by alice', 'promoted by bob']);
    ask(cluster, 'carol', 'note', 'y');
    const { history } = rest(cluster).status;
    expect(history?.[0]).toMatchObject({ revision: b, result: 'Promoted', by: 'alice' });
    expect(history?.[0]?.message).toMatch(/; promoted by bob$/);
  });

  test('is ignored where anyone could have written it', () => {
    const { cluster, a } = onVersionB();
    ask(cluster, 'mallory', 'rollback-to', a);
    cluster.api = withoutAuthor(cluster.api);
    expect(cluster.run(0).status.rollback).toMatchObject({ to: a });
    expect(JSON.stringify(cluster.run(0).status)).not.toContain('mallory');
  });
});

test('what the operator itself rejected is held by its reason', () => {
  const { cluster, b } = onVersionB();
  const at = '2026-01-01T00:00:00.000Z';
  const rejection = { revision: b, scope: 'Version' as const, message: 'm', at, by: 'restapi-operator' };
  const held = (reason: string) =>
    releaseHolds({
      ...cluster.api,
      status: { requestedRevision: b, rejections: [{ ...rejection, reason }] } as never,
    })[0]?.by;
  expect(held('CheckFailed')).toBe('a check');
  expect(held('HealingRollback')).toBe('healing');
  expect(held('Future')).toBe('Future');
});
