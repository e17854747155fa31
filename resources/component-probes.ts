import type { ProbeSpec, ProbesSpec } from './probe-spec.ts';
import type { ComponentName, RestAPI } from './rest-api.ts';

const PATH = '/health';
const LIVENESS = { initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 3 };
const READINESS = { periodSeconds: 5, failureThreshold: 3 };
/** Two and a half minutes to start. */
const STARTUP = { periodSeconds: 5, failureThreshold: 30 };

/** The probes of a component's container: the defaults, with what spec.<component>.probes says in their place. */
export function componentProbes(
  api: RestAPI,
  component: ComponentName,
): Record<`${keyof ProbesSpec}Probe`, object | undefined> {
  const { port, probes = {} } = api.spec[component];
  const { liveness, readiness, startup } = probes;
  return {
    livenessProbe: probe(LIVENESS, liveness, component, port),
    readinessProbe: probe(READINESS, readiness, component, port),
    startupProbe: startup && probe(STARTUP, startup, component, port),
  };
}

function probe(defaults: object, given: ProbeSpec | undefined, name: ComponentName, port: number): object | undefined {
  if (given?.enabled === false) return undefined;
  const { enabled: _enabled, httpGet, tcpSocket, grpc, exec, ...timings } = given ?? {};
  return { ...handler({ httpGet, tcpSocket, grpc, exec }, name, port), ...defaults, ...timings };
}

/** The port is named where it can be: while a change of it rolls out, it differs from pod to pod. */
function handler(
  { httpGet, tcpSocket, grpc, exec }: Pick<ProbeSpec, 'httpGet' | 'tcpSocket' | 'grpc' | 'exec'>,
  name: ComponentName,
  port: number,
): object {
  if (exec) return { exec };
  if (grpc) return { grpc: { ...grpc, port: grpc.port ?? port } };
  if (tcpSocket) return { tcpSocket: { port: tcpSocket.port ?? name } };
  return { httpGet: { path: PATH, ...httpGet, port: httpGet?.port ?? name } };
}
