import { attemptName, type CheckAttempt, type CheckSpec } from '../../../resources/index.ts';
import type { AttemptResult } from '../../../src/blue-green/observed.ts';
import type { ReleasePlan } from '../../../src/blue-green/release-plan.ts';
import { ModelCluster } from './model-cluster.ts';
import { stored } from './stored.ts';

export const check = (name: string, more: Partial<CheckSpec> = {}): CheckSpec => ({
  name,
  http: { path: '/health', minStatus: 200, maxStatus: 299 },
  successes: 1,
  allowedFailures: 0,
  intervalSeconds: 10,
  ...more,
});
export const job = (name: string, more: Partial<CheckSpec> = {}): CheckSpec =>
  check(name, { http: undefined, job: { image: 'tests:1' }, ...more });
export const GOOD: AttemptResult = { ok: true, message: 'it answered 200' };
export const BAD: AttemptResult = { ok: false, message: 'it answered 503' };

/** Version `b` is ready in green, and its checks were begun. */
export function ready(settings: object): { cluster: ModelCluster; revision: string; plan: ReleasePlan } {
  const cluster = new ModelCluster(stored('a', settings));
  for (let round = 0; round < 5; round++) {
    cluster.run();
    cluster.settle();
  }
  cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, image: 'b' } };
  const plan = go(cluster);
  return { cluster, revision: cluster.wanted().name, plan };
}

export function go(cluster: ModelCluster, rounds = 4): ReleasePlan {
  let plan = cluster.run();
  for (let round = 0; round < rounds; round++) {
    cluster.settle();
    plan = cluster.run();
  }
  return plan;
}

export const tried = ({ attempts, decision }: ReleasePlan): CheckAttempt[] => [...attempts, ...(decision.jobs ?? [])];
export const names = (plan: ReleasePlan) => tried(plan).map(({ check: { name }, number }) => `${name} ${number}`);

/** Ends what is under way. */
export function answer(cluster: ModelCluster, plan: ReleasePlan, how: AttemptResult, only?: string): void {
  for (const attempt of tried(plan)) {
    if (only === undefined || attempt.check.name === only) cluster.answers[attemptName(attempt)] = how;
  }
}

export const annotate = (cluster: ModelCluster, annotations: Record<string, string>): void => {
  cluster.api = { ...cluster.api, metadata: { ...cluster.api.metadata, annotations } };
};
