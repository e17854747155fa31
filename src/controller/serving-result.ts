import type { DependentOutcome, WorkflowResult } from '../../operator/index.ts';
import {
  CheckJob,
  COMPONENTS,
  ComponentDeployment,
  ComponentDisruptionBudget,
  ConfigMapCopies,
  copiesOf,
  type Decision,
  ENVIRONMENTS,
  EnvironmentConfigMap,
  EnvironmentService,
  PreviewService,
  type RestAPI,
} from '../../resources/index.ts';
import { environmentName, environmentObjectName } from '../../resources/model/object-names.ts';

/** Objects whose names say to which environment they belong. */
const OF_ENVIRONMENT: readonly unknown[] = [
  ComponentDeployment,
  ComponentDisruptionBudget,
  EnvironmentConfigMap,
  EnvironmentService,
];
/** Objects that only a release needs. */
const OF_RELEASE: readonly unknown[] = [PreviewService, CheckJob];

type Problems = Pick<WorkflowResult, 'conflicts' | 'failures' | 'unavailable'>;

/** The outcomes of applying the generated objects, by what they concern. */
export interface SplitResult {
  /** Outcomes that concern the environment that receives the traffic, or all environments. */
  serving: Problems & Pick<WorkflowResult, 'notReady'>;
  /** Objects that could not be applied and that only the other environments and the release need. */
  releasing: Problems;
}

/** Splits the outcomes: what cannot be made for an environment that does not serve says nothing about the one that does. */
export function splitResult(
  api: RestAPI,
  { environments, front }: Pick<Decision, 'environments' | 'front'>,
  { conflicts, failures, unavailable, notReady }: Problems & Pick<WorkflowResult, 'notReady'>,
): SplitResult {
  // Also of environments that are being deleted.
  const others = ENVIRONMENTS.filter((name) => name !== front.environment);
  const names = new Set(
    others.flatMap((name) => [
      environmentName({ api, name, replicas: {}, referenceHashes: {} }),
      ...COMPONENTS.map((component) => environmentObjectName(api, component, name)),
    ]),
  );
  const active = environments.find(({ name }) => name === front.environment);
  const copies = copiesOf(api, active?.configHashes ?? {}).map(({ name }) => name);
  const ofRelease = ({ dependent, name }: DependentOutcome) =>
    OF_RELEASE.includes(dependent) ||
    (OF_ENVIRONMENT.includes(dependent) && names.has(name)) ||
    (dependent === ConfigMapCopies && !copies.includes(name));
  const serving = (outcomes: DependentOutcome[]) => outcomes.filter((outcome) => !ofRelease(outcome));
  return {
    serving: {
      conflicts: serving(conflicts),
      failures: serving(failures),
      unavailable: serving(unavailable),
      notReady: serving(notReady),
    },
    releasing: {
      conflicts: conflicts.filter(ofRelease),
      failures: failures.filter(ofRelease),
      unavailable: unavailable.filter(ofRelease),
    },
  };
}

/** Why objects of a release could not be applied; undefined: all could. */
export function releaseProblem({ releasing }: SplitResult): string | undefined {
  const all = [...releasing.conflicts, ...releasing.failures, ...releasing.unavailable];
  return all.length > 0 ? all.map(described).join('; ') : undefined;
}

/** Names an object and says why it is not ready. */
export function described({ kind, name, ready }: DependentOutcome): string {
  return `${kind} ${name}: ${ready}`;
}
