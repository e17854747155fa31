import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../operator/testkit/index.ts';
import { deletions, interleavedWrites, restlessness, stepsBack, twoLeaders } from './promises.ts';

// The matrix finds nothing broken when all is well; that it would find it is shown here.

/** An answered request: `b patch deployments shop 200`, received and answered in the seconds given. */
function event(text: string, received: number, answered = received): AuditEvent {
  const [who = '', verb = '', resource = '', name = '', code = '200'] = text.split(' ');
  const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`;
  return {
    auditID: text,
    level: 'Metadata',
    stage: 'ResponseComplete',
    verb,
    requestURI: name.startsWith('?') ? `/x${name}` : '/x',
    user: { username: 'operator' },
    userAgent: `restapi-operator/1 pair/${who}`,
    objectRef: { resource, name },
    responseStatus: { code: Number(code) },
    requestReceivedTimestamp: at(received),
    stageTimestamp: at(answered),
  };
}

test('simultaneous leaders are found, successive ones are not', () => {
  expect(twoLeaders([0, 1, 2].map((at) => ({ at, leaders: at === 1 ? [] : [`pair/${at}`] })))).toEqual([]);
  expect(twoLeaders([{ at: 0, leaders: ['pair/a', 'pair/b'] }])).toHaveLength(1);
});

test('a write in the term of another leader is found, except earlier and rejected ones', () => {
  const terms = [event('a patch leases l', 1), event('b patch leases l', 10), event('b patch leases l', 20)];
  const found = (...events: AuditEvent[]) => interleavedWrites([...terms, ...events]);
  expect(found(event('a patch deployments shop', 5), event('b patch deployments shop', 15))).toEqual([]);
  expect(found(event('a patch deployments shop', 15))).toHaveLength(1);
  expect(found(event('a patch deployments shop 409', 15))).toEqual([]);
  expect(found(event('a patch deployments shop', 9, 15))).toEqual([]);
  expect(found(event('a list deployments shop', 15))).toEqual([]);
});

test('completed deletions are found', () => {
  expect(deletions([event('a delete deployments shop', 1)])).toHaveLength(1);
  expect(deletions([event('a deletecollection pods x', 1)])).toHaveLength(1);
  expect(deletions([event('a delete deployments shop 409', 1), event('a patch deployments shop', 1)])).toEqual([]);
});

test('a Deployment that returns to an older version is found, even if it is created again', () => {
  const state = (at: number, version: number, uid = 'u') => ({
    at,
    version,
    uid,
    namespace: 'pair',
    name: 'shop-view',
    references: undefined,
  });
  expect(stepsBack([state(1, 1), state(2, 2), state(3, 2, 'v'), state(4, 3)])).toEqual([]);
  expect(stepsBack([state(1, 2), state(2, 1, 'v'), state(3, 3)])).toHaveLength(1);
  // An image that is no version of ours is a finding as well.
  expect(stepsBack([state(1, 2), state(2, Number.NaN)])).toHaveLength(1);
});

test('idle requests are found, except watches, one small list per kind and those of the Lease', () => {
  const quiet = [
    event('a watch deployments x', 1),
    event('a list deployments ?limit=1', 1),
    event('b list deployments ?limit=1', 1),
    ...Array.from({ length: 10 }, (_, second) => event('a patch leases l', second)),
    event('a list httproutes x 404', 1),
  ];
  expect(restlessness(quiet, 10_000)).toEqual([]);
  expect(restlessness([...quiet, event('a list deployments ?limit=1', 2)], 10_000)).toHaveLength(1);
  expect(restlessness([...quiet, event('a list deployments ?limit=500', 2)], 10_000)).toHaveLength(1);
  expect(restlessness([...quiet, event('b patch restapis/status shop 409', 2)], 10_000)).toHaveLength(1);
  const storm = Array.from({ length: 40 }, () => event('b patch leases l 409', 3));
  expect(restlessness([...quiet, ...storm], 10_000)).toHaveLength(1);
});
