import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isFencedOff } from '../../../operator/index.ts';
import { startControlPlane } from '../../../operator/testkit/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';
import { FencedCluster, STALE_WRITES, type Tally } from './fenced-cluster.ts';

/** Held writes in all; `npm test` has the time for so many. */
const ROUNDS = 1_000;

let fenced: FencedCluster;
beforeAll(async () => {
  const options = { controllerManager: false, scheduler: false, kwokNodes: 0, audit: false };
  fenced = await FencedCluster.on(await startControlPlane(options));
});
afterAll(() => fenced?.[Symbol.asyncDispose]());

const landed = (tally: Tally) => Object.values(tally.landed).reduce((sum, count) => sum + count, 0);

test(`D9: none of ${ROUNDS} writes in flight when another process took the lease is accepted`, async () => {
  const tally = await fenced.play(ROUNDS, { tokens: 'of pods', preconditions: 'none', newer: true });
  console.log(tally.words());
  expect(Object.values(tally.played).reduce((sum, count) => sum + count, 0)).toBe(ROUNDS);
  expect(tally.landed).toEqual({ create: 0, update: 0, status: 0, delete: 0 });
  expect(tally.otherRefusals).toEqual([]);
}, 900_000);

test('D9: a stale write of an object that the new leader has not written yet is rejected', async () => {
  const tally = await fenced.play(40, { tokens: 'of pods', preconditions: 'none', newer: false });
  expect(landed(tally)).toBe(0);
  expect(tally.otherRefusals).toEqual([]);
});

test('D9: without pod names in tokens, terms reject writes that go back or recreate an object', async () => {
  const tally = await fenced.play(40, { tokens: 'of nobody', preconditions: 'none', newer: true });
  expect(tally.landed).toMatchObject({ create: 0, update: 0 });
  expect(tally.otherRefusals).toEqual([]);
});

test('D9: no term goes back, even if the API server does not know the new lease yet', async () => {
  const [a, b] = fenced.writers('of nobody');
  const { term } = await fenced.give(a);
  await fenced.apply(b, 'exact', term + 1);
  await expect(fenced.apply(a, 'exact', term)).rejects.toSatisfy(isFencedOff);
  await fenced.apply(b, 'exact', term + 1);
});

test('a malformed term blocks no write, and an operator does not block other clients', async () => {
  const [a] = fenced.writers('of pods');
  const { term } = await fenced.give(a);
  for (const value of ['', 'x', '-1', '99999999999999999999', '2147483648']) {
    await fenced.annotate('odd', value);
    await fenced.apply(a, 'odd', term);
  }
});

test('D9: without the policy only resourceVersions reject stale writes', async () => {
  await fenced.withoutPolicy(async () => {
    const overtaken = await fenced.play(40, { tokens: 'of pods', preconditions: 'uid and version', newer: true });
    expect(overtaken.landed).toMatchObject({ update: 0, status: 0, delete: 0 });
    // One stale write for each object that was on the wire, which the new leader sees and takes back.
    const untouched = await fenced.play(40, { tokens: 'of pods', preconditions: 'uid and version', newer: false });
    expect(landed(untouched)).toBe(40);
    const unbound = await fenced.play(40, { tokens: 'of pods', preconditions: 'none', newer: true });
    expect(landed(unbound)).toBe(40);
  });
});

test('the fence blocks no other client, with or without a leader or a lease', async () => {
  const [a, b] = fenced.writers('of pods');
  const { term } = await fenced.give(a);
  await fenced.annotate('others', `${term - 1}`);
  await expect(fenced.apply(b, 'others', term)).rejects.toSatisfy(isFencedOff);
  await fenced.deleteLease();
  await fenced.annotate('others', `${term - 2}`);
  // The policy hears of the deletion a moment later.
  await eventually(
    () =>
      fenced.apply(b, 'others', term).catch((error: unknown) => {
        if (!isFencedOff(error)) throw error;
      }),
    { what: 'a write without a lease is let through' },
  );
  await fenced.give(a);
});

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  operations?: string[];
}

test('everything the operator may write is fenced, except Events', async () => {
  const read = async (...path: string[]) => parse(await readFile(join(packageRoot(), 'kustomize', ...path), 'utf8'));
  const pairs = ({ apiGroups, resources }: Rule) =>
    apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}`));
  const { rules } = (await read('base', 'cluster-role.yaml')) as { rules: Rule[] };
  const writable = rules.filter(({ verbs }) => verbs.some((verb) => /^(create|update|patch|delete)/.test(verb)));
  const policy = await read('components', 'fencing', 'policy.yaml');
  const fencedRules = policy.spec.matchConstraints.resourceRules as Rule[];
  expect(new Set(fencedRules.flatMap(pairs))).toEqual(
    new Set(writable.flatMap(pairs).filter((pair) => pair !== 'events.k8s.io/events')),
  );
  for (const { operations } of fencedRules) expect(operations).toEqual(['CREATE', 'UPDATE', 'DELETE']);
  expect(STALE_WRITES).toHaveLength(4);
});
