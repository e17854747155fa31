import type { HealthCheckSpec } from '../api/health-check-spec.ts';
import type { ProbeSpec, ProbesSpec } from '../api/probe-spec.ts';
import type { ComponentName, RestAPI } from '../api/rest-api.ts';

const PATH = '/health';
const LIVENESS = { initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 3 };
const READINESS = { periodSeconds: 5, failureThreshold: 3 };
/** Two and a half minutes to start. */
const STARTUP = { periodSeconds: 5, failureThreshold: 30 };

/**
 * Returns the probes of a component's container: the defaults, overridden by spec.healthCheck, overridden by
 * spec.<component>.probes.
 */
export function componentProbes(
  { spec }: RestAPI,
  component: ComponentName,
): Record<`${keyof ProbesSpec}Probe`, object | undefined> {
  const { healthCheck = {} } = spec;
  const { port, probes = {} } = spec[component];
  return {
    livenessProbe: probe('liveness', LIVENESS),
    readinessProbe: probe('readiness', READINESS),
    startupProbe: (probes.startup ?? healthCheck.startup) && probe('startup', STARTUP),
  };

  function probe(kind: keyof ProbesSpec, defaults: object): object | undefined {
    const common = healthCheck[kind];
    const own: ProbeSpec | undefined = probes[kind];
    if ((own ?? common)?.enabled === false) return undefined;
    const { httpGet, tcpSocket, grpc, exec, ...given } = own ?? {};
    const { enabled: _enabled, ...timings } = { ...common, ...given };
    return { ...handler({ httpGet, tcpSocket, grpc, exec }, component, port, healthCheck), ...defaults, ...timings };
  }
}

/**
 * Refers to the port by name where possible: during a rollout that changes the port, its number differs between pods.
 */
function handler(
  { httpGet, tcpSocket, grpc, exec }: Pick<ProbeSpec, 'httpGet' | 'tcpSocket' | 'grpc' | 'exec'>,
  name: ComponentName,
  port: number,
  common: HealthCheckSpec,
): object {
  if (exec) return { exec };
  if (grpc) return { grpc: { ...grpc, port: grpc.port ?? port } };
  if (tcpSocket) return { tcpSocket: { port: tcpSocket.port ?? name } };
  return { httpGet: { path: common.path ?? PATH, ...httpGet, port: httpGet?.port ?? common.port ?? name } };
}
