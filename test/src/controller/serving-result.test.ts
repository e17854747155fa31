import { expect, test } from 'vitest';
import type { DependentOutcome, KubernetesObject } from '../../../operator/index.ts';
import {
  CheckJob,
  ComponentAutoscaler,
  ComponentDeployment,
  ComponentService,
  ConfigMapCopies,
  configMapCopyName,
  type Decision,
  EnvironmentConfigMap,
  EnvironmentService,
  FrontService,
  PreviewService,
} from '../../../resources/index.ts';
import { previewCondition, withProblem } from '../../../src/controller/preview-problem.ts';
import { releaseProblem, splitResult } from '../../../src/controller/serving-result.ts';

type Dependent = DependentOutcome['dependent'];

const outcome = (dependent: Dependent, kind: string, name: string, ready = 'exceeded quota'): DependentOutcome =>
  ({ dependent, kind, name, action: 'failed', ready }) as DependentOutcome;
const api = { metadata: { name: 'shop' } } as KubernetesObject as never;

/** The active environment reads one copy, the other one another. */
const decision = (active: 'blue' | 'main'): Pick<Decision, 'environments' | 'front'> => ({
  front: { environment: active },
  environments: (['blue', 'green'] as const).map((name) => ({
    name,
    api,
    replicas: {},
    referenceHashes: {},
    configHashes: { 'ConfigMap/settings': name },
  })),
});

test.each<[string, Dependent, string, 'blue' | 'main', boolean]>([
  ['the copy of a ConfigMap that pods read', ConfigMapCopies, configMapCopyName(api, 'settings', 'blue'), 'blue', true],
  ['a copy for a release', ConfigMapCopies, configMapCopyName(api, 'settings', 'green'), 'blue', false],
  ['a Deployment that serves', ComponentDeployment, 'shop-model-blue', 'blue', true],
  ['one that is prepared', ComponentDeployment, 'shop-model-green', 'blue', false],
  ['a Service of the environment that is prepared', EnvironmentService, 'shop-view-green', 'blue', false],
  ['its ConfigMap', EnvironmentConfigMap, 'shop-env-green', 'blue', false],
  ['the ConfigMap of main', EnvironmentConfigMap, 'shop-env', 'main', true],
  ['main that is left', ComponentDeployment, 'shop-model', 'blue', false],
  ['the preview Service', PreviewService, 'shop-preview', 'blue', false],
  ['the Job of a check', CheckJob, 'shop-check-1', 'blue', false],
  ['the front Service', FrontService, 'shop', 'blue', true],
  ['a stable Service', ComponentService, 'shop-model', 'blue', true],
  ['an autoscaler', ComponentAutoscaler, 'shop-model', 'blue', true],
])('what concerns the environment that serves: %s', (_, dependent, name, environment, serves) => {
  const one = [outcome(dependent, 'Object', name)];
  for (const field of ['conflicts', 'failures', 'unavailable'] as const) {
    const result = { conflicts: [], failures: [], unavailable: [], notReady: [], [field]: one };
    const { serving, releasing } = splitResult(api, decision(environment), result);
    expect([serving[field], releasing[field]]).toEqual(serves ? [one, []] : [[], one]);
  }
});

test('the release and a condition name the object and the cause', () => {
  const failures = [outcome(EnvironmentService, 'Service', 'shop-view-green', 'exceeded quota: services, used: 10')];
  const split = splitResult(api, decision('blue'), { conflicts: [], failures, unavailable: [], notReady: failures });
  expect(split.serving.notReady).toEqual([]);
  const named = 'Service shop-view-green: exceeded quota: services, used: 10';
  expect(previewCondition(split)).toMatchObject([
    { type: 'PreviewFailed', status: 'True', reason: 'ApplyFailed', message: expect.stringContaining(named) },
  ]);
  const release = { message: 'Waiting for view' } as never;
  expect(withProblem(release, releaseProblem(split))).toEqual({
    message: `Waiting for view. ${named}`,
    problem: named,
  });
  expect(withProblem(release, undefined)).toBe(release);
});
