import type { AuditEvent } from '../../../operator/testkit/index.ts';
import { isWrite } from '../../../operator/testkit/index.ts';
import type { DeploymentState } from './deployment-watch.ts';
import type { Lead } from './pair.ts';

// What must hold under every fault, each as a function from what was seen to what broke it, in words.

/** Kinds the cluster does not serve: they are looked for from time to time. */
const UNSERVED = new Set(['httproutes', 'podmonitors']);

/** Two operators that both believed to lead at one moment. */
export function twoLeaders(leads: readonly Lead[]): string[] {
  return leads
    .filter(({ leaders }) => leaders.length > 1)
    .map(({ at, leaders }) => `${time(at)}: ${leaders.join(' and ')} led at once`);
}

/**
 * Writes of one operator in the term of another. A term begins when the server has accepted a write of the Lease by another
 * one than before, and ends with the next such; a write belongs to the moment at which the server received it.
 *
 * @param events of one pair: the last word of the User-Agent says which of the two
 */
export function interleavedWrites(events: readonly AuditEvent[]): string[] {
  const accepted = events
    .filter(
      (event) => isWrite(event) && event.stage === 'ResponseComplete' && (event.responseStatus?.code ?? 500) < 400,
    )
    .sort((one, other) => one.stageTimestamp.localeCompare(other.stageTimestamp));
  const terms: { who: string; from: string; to: string }[] = [];
  for (const event of accepted.filter(({ objectRef }) => objectRef?.resource === 'leases')) {
    const who = sender(event);
    const last = terms.at(-1);
    if (last?.who === who) last.to = event.stageTimestamp;
    else terms.push({ who, from: event.stageTimestamp, to: event.stageTimestamp });
  }
  return accepted
    .filter(({ objectRef }) => objectRef?.resource !== 'leases' && objectRef?.resource !== 'events')
    .flatMap((event) => {
      const at = event.requestReceivedTimestamp;
      const term = terms.find(({ who, from, to }) => who !== sender(event) && from < at && at <= to);
      return term ? [`${at}: ${told(event)} by ${sender(event)} in the term of ${term.who}`] : [];
    });
}

/** Deletions that the server carried out. */
export function deletions(events: readonly AuditEvent[]): string[] {
  return events
    .filter(({ verb, stage }) => verb.startsWith('delete') && stage === 'ResponseComplete')
    .filter(({ responseStatus }) => (responseStatus?.code ?? 500) < 400)
    .map((event) => `${event.requestReceivedTimestamp}: ${told(event)} by ${sender(event)}`);
}

/** Deployments that went back to an older version, including by being recreated. */
export function stepsBack(states: readonly DeploymentState[]): string[] {
  const highest = new Map<string, number>();
  return states.flatMap(({ at, namespace, name, version }) => {
    const key = `${namespace}/${name}`;
    const before = highest.get(key) ?? 0;
    highest.set(key, Math.max(before, version));
    return version >= before ? [] : [`${time(at)}: Deployment ${key} went from version ${before} back to ${version}`];
  });
}

/**
 * Requests at rest, other than the watches and what belongs to them: one small list of a kind, by which an operator makes sure
 * that a quiet watch is current, and the Lease's renewals, at most one a second for each operator.
 */
export function restlessness(events: readonly AuditEvent[], overMs: number): string[] {
  const requests = events.filter(({ stage, verb }) => stage === 'ResponseComplete' && verb !== 'watch');
  const looks = new Set<string>();
  const isFirstLook = (event: AuditEvent) => {
    if (event.verb !== 'list' || (!event.requestURI.includes('limit=1&') && !event.requestURI.endsWith('limit=1')))
      return false;
    const key = `${sender(event)} ${event.objectRef?.resource}`;
    if (looks.has(key)) return false;
    looks.add(key);
    return true;
  };
  const found = requests
    .filter(({ objectRef }) => objectRef?.resource !== 'leases' && !UNSERVED.has(objectRef?.resource ?? ''))
    .filter((event) => !isFirstLook(event))
    .map((event) => `${event.requestReceivedTimestamp}: ${told(event)} by ${sender(event)}`);
  const ofLease = requests.filter(({ objectRef }) => objectRef?.resource === 'leases');
  const most = 2 * (overMs / 1000 + 1);
  if (ofLease.length > most) found.push(`${ofLease.length} requests of the Lease in ${overMs} ms`);
  return found;
}

function sender({ userAgent = '' }: AuditEvent): string {
  return userAgent.slice(userAgent.lastIndexOf(' ') + 1);
}

function told({ verb, objectRef, responseStatus }: AuditEvent): string {
  const { resource, subresource, name = '' } = objectRef ?? {};
  return `${verb} ${resource}${subresource ? `/${subresource}` : ''} ${name} (${responseStatus?.code})`;
}

function time(at: number): string {
  return new Date(at).toISOString();
}
