import type {
  Environment,
  EnvironmentName,
  EnvironmentStatus,
  RestAPIStatus,
  StoppingStatus,
} from '../../resources/index.ts';
import type { ObservedEnvironment } from './observed.ts';
import type { Target } from './target.ts';

/** The status of one environment. */
export function environmentStatus(
  { name, api, revision, replicas }: Environment,
  role: EnvironmentStatus['role'],
  observed: ObservedEnvironment = {},
  stopping?: StoppingStatus,
): EnvironmentStatus {
  return {
    name,
    role,
    ...(revision && { revision }),
    image: api.spec.image,
    replicas: sum(Object.values(replicas)),
    readyReplicas: sum(Object.values(observed).map(({ ready }) => ready)),
    ...(stopping && { stopping }),
  };
}

/** The active environment according to the status; until the status is updated, that of before the last switch. */
export function reportedActive(status: RestAPIStatus | undefined): EnvironmentStatus | undefined {
  return status?.environments?.find(({ role }) => role === 'active');
}

/** Whether traffic has moved to another environment since the status was last written. */
export function hasSwitched(status: RestAPIStatus | undefined, active: Pick<Environment, 'name'>): boolean {
  const was = reportedActive(status);
  return was !== undefined && was.name !== active.name;
}

/** The release to a target as the status has it; undefined: the status has none, or another one. */
export function storedRelease(status: RestAPIStatus | undefined, { environment, revision }: Target) {
  const last = status?.release;
  return last?.revision === revision.name && last.environment === environment ? last : undefined;
}

/** How far an environment is being stopped, according to the status. */
export function stoppingOf(status: RestAPIStatus | undefined, name: EnvironmentName): StoppingStatus | undefined {
  return status?.environments?.find((environment) => environment.name === name)?.stopping;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
