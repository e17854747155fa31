import { type FaultProxy, type PastCollection, requests, startSlowWebhook } from '../../../operator/testkit/index.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';
import type { Member } from './pair.ts';

export type Role = 'leader' | 'standby';
export type Kind = 'Lease' | 'RestAPI' | 'Deployment' | 'Secret';

/** Where a fault strikes. */
export interface Target {
  world: OperatorCluster;
  namespace: string;
  member: Member;
  kind: Kind;
  /** The kind as it was some changes ago. */
  past: PastCollection;
}

/** Begins a fault. @returns what ends it */
export type Begin = (target: Target) => Promise<() => Promise<unknown>> | (() => Promise<unknown>);

export const PLURALS: Record<Kind, string> = {
  Lease: 'leases',
  RestAPI: 'restapis',
  Deployment: 'deployments',
  Secret: 'secrets',
};
const GROUPS: Record<Kind, string> = {
  Lease: 'coordination.k8s.io',
  RestAPI: 'restapi.dev',
  Deployment: 'apps',
  Secret: '',
};
const SLOW_MS = 8_000;

type ProxyRule = Parameters<FaultProxy['rule']>[0]['fault'];

/** Every request of the kind meets the fault; its watches are cut, as otherwise nothing would happen to them for a minute. */
function everyRequest(fault: ProxyRule): Begin {
  return ({ member, kind }) => {
    const match = requests({ plural: PLURALS[kind] });
    const { remove } = member.proxy.rule({ match, fault });
    member.proxy.cutStreams(match);
    return async () => remove();
  };
}

/** Watches of the kind meet the fault. */
function everyWatch(fault: ProxyRule): Begin {
  return ({ member, kind }) => {
    const match = requests({ plural: PLURALS[kind], verb: 'watch' });
    const { remove } = member.proxy.rule({ match, fault });
    if (fault.kind !== 'half-open') member.proxy.cutStreams(match);
    return async () => remove();
  };
}

/** Faults that one operator meets with one kind, by name. */
export const FAULTS_OF_ONE_KIND: Record<string, Begin> = {
  'connection cut': everyRequest({ kind: 'cut-before' }),
  'half-open watch': everyWatch({ kind: 'half-open' }),
  '403 for a while': everyRequest({ kind: 'answer', status: 403 }),
  '410 for a while': everyWatch({ kind: 'answer', status: 410 }),
  '429 with Retry-After': everyRequest({ kind: 'answer', status: 429, headers: { 'retry-after': '5' } }),
  '500 for a while': everyRequest({ kind: 'answer', status: 500 }),
  'HTML instead of JSON': everyRequest({ kind: 'login-page' }),
  'slow webhook': async (target) => {
    const { world, namespace, member, kind } = target;
    if (kind === 'Secret') {
      // The operator writes no Secrets: reading them is what can be slow.
      const { remove } = member.proxy.rule({
        match: requests({ plural: 'secrets', verb: 'get' }),
        fault: { kind: 'delay', ms: SLOW_MS },
      });
      return async () => remove();
    }
    const [group, plural] = [GROUPS[kind], PLURALS[kind]];
    const webhook = await startSlowWebhook(world.cluster, {
      name: `slow-${namespace}`,
      delayMs: SLOW_MS,
      kinds: [
        { group, plural },
        { group, plural: `${plural}/status` },
      ],
      namespaces: [namespace],
    });
    return () => webhook.stop();
  },
  'time travel of one kind': ({ member, kind, past }) => {
    const match = requests({ plural: PLURALS[kind] });
    const { remove } = member.proxy.rule({ match, fault: { kind: 'past', past } });
    return async () => remove();
  },
};
