import type { ComponentName } from '../../../resources/index.ts';
import { CALL_ORDER } from '../../../resources/model/enabled-components.ts';
import type { Change, ClusterState } from './cluster-state.ts';
import { COMPONENT_LABEL, ENVIRONMENT_LABEL, ENVIRONMENTS, NAME_LABEL, SERVICE_NAME } from './labels.ts';
import { type Deployment, isReady, isServing } from './objects.ts';

/** Whose safety it is about. */
export interface Application {
  namespace: string;
  name: string;
  /** How many ready pods every component must have at any time. */
  least: number;
  components: readonly ComponentName[];
  /** The names of the front Service's ports. */
  ports: readonly ComponentName[];
  /** The components that have a stable Service, which follows the switch. */
  stable: readonly ComponentName[];
  /** Whether the components of an environment end in the order of calls. */
  ordered?: boolean;
}

/** What is wrong at one moment. */
export interface Finding {
  rule:
    | 'front'
    | 'pods'
    | 'endpoints'
    | 'endpoints-in-switch'
    | 'stable-endpoints'
    | 'both-at-zero'
    | 'active-scaled-down'
    | 'stop-order';
  /** Kind and name. */
  object: string;
  message: string;
}

/** The environment the front Service sends requests to; undefined where it does not select exactly one. */
export function activeEnvironment(state: ClusterState, { name }: Application): string | undefined {
  const selector = state.service(name)?.spec.selector;
  const environment = selector?.[ENVIRONMENT_LABEL] ?? '';
  return selector?.[NAME_LABEL] === name && ENVIRONMENTS.includes(environment) ? environment : undefined;
}

/** The front Service is there and selects exactly one environment of its own application. */
export function checkFront(state: ClusterState, app: Application): Finding[] {
  if (activeEnvironment(state, app) !== undefined) return [];
  const front = state.service(app.name);
  const selector = JSON.stringify(front?.spec.selector ?? {});
  const message = front ? `its selector is ${selector}, which is not one environment` : 'it is gone';
  return [{ rule: 'front', object: `Service ${app.name}`, message }];
}

/** The active environment has enough pods of every component that are ready and not on their way out. */
export function checkPods(state: ClusterState, app: Application): Finding[] {
  const active = activeEnvironment(state, app);
  if (active === undefined) return [];
  const serving = state.pods.filter(({ metadata }) => isOf(metadata.labels, app, active)).filter(isServing);
  return app.components.flatMap((component): Finding[] => {
    const count = serving.filter(({ metadata }) => metadata.labels?.[COMPONENT_LABEL] === component).length;
    if (count >= app.least) return [];
    const message = `it sends to ${active}, which has ${count} ready pods of ${component}, not ${app.least}`;
    return [{ rule: 'pods', object: `Service ${app.name}`, message }];
  });
}

/** Every port of the front Service has enough ready endpoints, all of the active environment. */
export function checkEndpoints(state: ClusterState, app: Application): Finding[] {
  const active = activeEnvironment(state, app);
  return app.ports.flatMap((port): Finding[] => {
    const environments = readyEndpoints(state, app, port);
    const foreign = environments.find((environment) => environment !== active);
    if (environments.length < app.least) return [lost('endpoints', app, port, environments.length)];
    if (foreign === undefined) return [];
    const message = `port ${port} leads to a pod of ${foreign} while ${active} is active`;
    return [{ rule: 'endpoints', object: `Service ${app.name}`, message }];
  });
}

/**
 * What must hold even while the EndpointSlices follow a switch: no port leads nowhere.
 *
 * A Service of several ports, each of which is another component's, cannot keep this. The EndpointSlice controller
 * (Kubernetes 1.37) writes the new endpoints of one port into the slice that held another's, and only afterwards
 * those of that other port. There is nothing to mix up where the Service has a single port and selects only pods that
 * have it: pods without it get a slice without ports.
 */
export function checkEndpointsInSwitch(state: ClusterState, app: Application): Finding[] {
  return app.ports
    .filter((port) => readyEndpoints(state, app, port).length === 0)
    .map((port) => lost('endpoints-in-switch', app, port, 0));
}

/** Once there are colours and one of them serves, no component of both is at 0. */
export function checkBothAtZero(state: ClusterState, app: Application): Finding[] {
  const active = activeEnvironment(state, app);
  const colours = ['blue', 'green'];
  const used = colours.some((colour) => colour === active || app.components.some((c) => find(state, app, colour, c)));
  if (active === 'main' || !used) return [];
  return app.components
    .filter((component) => colours.every((colour) => !find(state, app, colour, component)?.spec.replicas))
    .map((component) => ({
      rule: 'both-at-zero',
      object: `Deployment ${find(state, app, active ?? 'blue', component)?.metadata.name ?? '(none)'}`,
      message: `${component} is at 0 replicas, or missing, in blue and in green`,
    }));
}

/** The active environment has a Deployment of every component, asked to run enough pods. */
export function checkScale(state: ClusterState, app: Application): Finding[] {
  const active = activeEnvironment(state, app);
  if (active === undefined) return [];
  return app.components.flatMap((component): Finding[] => {
    const deployment = find(state, app, active, component);
    const replicas = deployment?.spec.replicas ?? 0;
    if (replicas >= app.least) return [];
    const object = `Deployment ${deployment?.metadata.name ?? `of ${component} in ${active}`}`;
    const message = deployment ? `it is active and scaled to ${replicas}, not ${app.least}` : 'it is active and gone';
    return [{ rule: 'active-scaled-down', object, message }];
  });
}

/** Each stable Service has enough ready endpoints, all of one environment: it may follow the front a moment later. */
export function checkStableEndpoints(state: ClusterState, app: Application): Finding[] {
  return app.stable.flatMap((component): Finding[] => {
    const service = `${app.name}-${component}`;
    const environments = endpointsBehind(state, service, 'http');
    const [first] = environments;
    const object = `Service ${service}`;
    if (environments.length < app.least) {
      const message = `it has ${environments.length} ready endpoints, not ${app.least}`;
      return [{ rule: 'stable-endpoints', object, message }];
    }
    if (environments.every((environment) => environment === first)) return [];
    return [{ rule: 'stable-endpoints', object, message: 'it leads to pods of several environments' }];
  });
}

/**
 * No component is scaled to 0, or deleted, while a pod is left that may call it, also a terminating one.
 *
 * @param before the state before the change
 */
export function checkStopOrder(before: ClusterState, { type, object }: Change, app: Application): Finding[] {
  if (!app.ordered || object.kind !== 'Deployment') return [];
  const { spec, metadata } = object as Deployment;
  const { [ENVIRONMENT_LABEL]: environment = '', [COMPONENT_LABEL]: component = '' } = spec.template.metadata.labels;
  const had = find(before, app, environment, component)?.spec.replicas ?? 0;
  if (had === 0 || (type !== 'DELETED' && spec.replicas > 0)) return [];
  const callers = CALL_ORDER.slice(0, CALL_ORDER.indexOf(component as ComponentName));
  return callers.flatMap((caller): Finding[] => {
    const pods = before.pods.filter(
      (pod) => isOf(pod.metadata.labels, app, environment) && pod.metadata.labels?.[COMPONENT_LABEL] === caller,
    );
    const message = `it ends while there are ${pods.length} pods of ${caller}, which call it`;
    return pods.length > 0 ? [{ rule: 'stop-order', object: `Deployment ${metadata.name}`, message }] : [];
  });
}

function lost(rule: Finding['rule'], { name, least }: Application, port: string, count: number): Finding {
  const message = `port ${port} has ${count} ready endpoints, not ${least}`;
  return { rule, object: `Service ${name}`, message };
}

/** The environments of a port's ready endpoints. */
function readyEndpoints(state: ClusterState, { name }: Application, port: string): (string | undefined)[] {
  return endpointsBehind(state, name, port);
}

function endpointsBehind(state: ClusterState, service: string, port: string): (string | undefined)[] {
  return state.endpointSlices
    .filter(({ metadata, ports }) => metadata.labels?.[SERVICE_NAME] === service && ports?.some((p) => p.name === port))
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(isReady)
    .map(({ targetRef }) => state.environmentOf(targetRef?.uid));
}

function find(state: ClusterState, app: Application, env: string, component: string): Deployment | undefined {
  return state.deployments.find(({ spec }) => {
    const { labels } = spec.template.metadata;
    return isOf(labels, app, env) && labels[COMPONENT_LABEL] === component;
  });
}

function isOf(labels: Record<string, string> | undefined, { name }: Application, environment: string): boolean {
  return labels?.[NAME_LABEL] === name && labels[ENVIRONMENT_LABEL] === environment;
}
