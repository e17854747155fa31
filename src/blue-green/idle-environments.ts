import { ENVIRONMENTS, type Environment, type EnvironmentName, type StoppingStatus } from '../../resources/index.ts';
import { keptReplicas, withoutPods } from './environments.ts';
import { rejectionOf } from './rejection.ts';
import { buildEnvironment, findRevision, type ReleaseInputs } from './release-inputs.ts';
import { stoppingOf } from './release-status.ts';
import { stopInOrder } from './stop-in-order.ts';

/** An environment that is neither active nor the target of a release. */
export interface IdleEnvironment {
  environment: Environment;
  /** Whether its objects are deleted; else they stay, with or without pods. */
  gone: boolean;
  /** Present while its components are being stopped. */
  stopping?: StoppingStatus;
  /** When time alone changes it, milliseconds since 1970. */
  until?: number;
}

/** The observed environments that are neither active nor the target. @param atRisk whether a rollback may follow soon */
export function idleEnvironments(inputs: ReleaseInputs, atRisk: boolean): IdleEnvironment[] {
  const { active, target } = inputs;
  return ENVIRONMENTS.filter((name) => name !== active.name && name !== target?.environment).flatMap(
    (name) => idleEnvironment(inputs, name, atRisk) ?? [],
  );
}

function idleEnvironment(inputs: ReleaseInputs, name: EnvironmentName, atRisk: boolean): IdleEnvironment | undefined {
  const { api, enabled, front, now, observed, stopped: isStopped, unavailable, wanted } = inputs;
  const found = observed.environments[name];
  if (!found) return undefined;
  const revisions = new Set(Object.values(found).map(({ revision }) => revision));
  const known = findRevision(inputs, [...revisions][0]);
  const revision = name === 'main' ? (known ?? findRevision(inputs, front.previousRevision) ?? wanted) : known;
  if (!revision) return undefined;
  const environment = buildEnvironment(inputs, name, revision);
  const wasActive = name === 'main' || (revisions.size === 1 && revisions.has(front.previousRevision));
  if (wasActive && front.switchedAt !== undefined && !isStopped) {
    const kept = { ...environment, replicas: keptReplicas(environment, found) };
    const until = Date.parse(front.switchedAt) + (api.spec.blueGreen?.scaleDownDelaySeconds ?? 30) * 1_000;
    if (now.getTime() < until) return { environment: kept, gone: false, until };
    // A rollback may need its pods.
    if (unavailable.length > 0 || atRisk) return { environment: kept, gone: false };
  }
  const { stopped, status, until, ...inOrder } = stopInOrder(environment, found, stoppingOf(api.status, name), now);
  // A release that was cancelled while it took the place of another never served. All of it ends at once: pods of the
  // other's components that stayed would be replaced by its own.
  const isMixed = name !== 'main' && revisions.size > 1;
  const next = isMixed ? withoutPods(inOrder.environment) : inOrder.environment;
  // What an aborted release could not create, because of a quota say, is not tried for ever.
  const aborted = stopped && !wasActive && rejectionOf(api, revision.name) !== undefined;
  return {
    environment: aborted ? { ...next, withoutServices: true } : next,
    gone: stopped && (!enabled || name === 'main'),
    ...(status && { stopping: status }),
    ...(until !== undefined && { until }),
  };
}
