import type { ComponentName, Environment, StoppingStatus } from '../../resources/index.ts';
import { CALL_ORDER } from '../../resources/model/enabled-components.ts';
import { mapReplicas } from './environments.ts';
import type { ObservedComponent, ObservedEnvironment } from './observed.ts';

/**
 * Pods may take this much longer than their terminationGracePeriodSeconds, in milliseconds: for the controllers that
 * delete them, and for the kubelet to report their end. A pod on a lost node takes for ever.
 */
const SLACK_MS = 30_000;

/** The next step of stopping an environment. */
export interface Stopping {
  /** The environment with the replicas that its components should have now. */
  environment: Environment;
  /** For the status; undefined: no pod is left. */
  status?: StoppingStatus;
  /** Whether all components are stopped. Pods that did not end in time may be left. */
  stopped: boolean;
  /** When the next component is stopped at the latest, milliseconds since 1970. */
  until?: number;
}

/**
 * Stops the components of an environment in the order of calls: the entry first, and each other one when no pod is left
 * that may call it. Old pods serve connections that clients keep until they end, and each such request passes through
 * all components. A pod that does not end in time does not hold the others: they are stopped without it. Pure: the time
 * of the current step is in the status, so another operator continues.
 *
 * @param before the status of the previous step
 */
export function stopInOrder(
  environment: Environment,
  observed: ObservedEnvironment,
  before: StoppingStatus | undefined,
  now: Date,
): Stopping {
  const order: ComponentName[] = CALL_ORDER.filter((component) => environment.replicas[component] !== undefined);
  const reached = before ? order.indexOf(before.component) : 0;
  const left = order.flatMap((component, index) => {
    const found = observed[component];
    if (!found || isGone(found)) return [];
    const graceMs = environment.api.spec[component].terminationGracePeriodSeconds * 1_000 + SLACK_MS;
    const until = Date.parse(sinceOf(component, before, now)) + graceMs;
    // Components before the reached one had their time.
    const late = index < reached || now.getTime() >= until;
    return [{ component, index, until, late, graceMs, pods: Math.max(found.pods, found.replicas) }];
  });
  const current = left.find(({ late }) => !late);
  const replicas = mapReplicas(environment.replicas, (component) =>
    current && order.indexOf(component) > current.index ? (observed[component]?.replicas ?? 0) : 0,
  );
  const next = { ...environment, replicas };
  if (left.length === 0) return { environment: next, stopped: true };
  // With all of them late, the last component says that each had its time.
  const component = current?.component ?? order.at(-1) ?? 'view';
  const status = { component, since: sinceOf(component, before, now), message: messageOf(current, left) };
  return { environment: next, status, stopped: !current, ...(current && { until: current.until }) };
}

function sinceOf(component: ComponentName, before: StoppingStatus | undefined, now: Date): string {
  return before?.component === component ? before.since : now.toISOString();
}

interface Left {
  component: ComponentName;
  pods: number;
  late: boolean;
  graceMs: number;
}

function messageOf(current: Left | undefined, left: readonly Left[]): string {
  const late = left
    .filter((one) => one.late)
    .map((one) => `${podsOf(one)} did not end within ${one.graceMs / 1_000} s`);
  const message = [...(current ? [`waiting for ${podsOf(current)} to end`] : []), ...late].join('; ');
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
}

/** Whether a component has no replicas and no pods, terminating ones included. */
export function isGone({ replicas, pods }: ObservedComponent): boolean {
  return replicas === 0 && pods === 0;
}

function podsOf({ component, pods }: { component: string; pods: number }): string {
  return `${pods} ${pods === 1 ? 'pod' : 'pods'} of ${component}`;
}
