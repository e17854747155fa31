import type { HealingRecord } from '../../../resources/index.ts';
import type { ClusterHealth } from '../../../src/healing/cluster-health.ts';
import { componentHealthOf } from '../../../src/healing/component-health.ts';
import { heal } from '../../../src/healing/heal.ts';
import type { Circumstances, Healing } from '../../../src/healing/healing-step.ts';
import { deployment, environment, healing, NOW, type pod, restApi } from './objects.ts';

/** Nothing is wrong beyond the RestAPI. */
export const CALM: ClusterHealth = {
  mostDegraded: false,
  nodesLost: false,
  illNodes: new Set(),
  sharedCause: false,
  share: { allowed: true },
};
export const COMPONENTS = ['model', 'view', 'controller', 'repository'] as const;
/** Every action is enabled. */
export const ALL = { restartPods: 'Stuck', restartComponents: true, rollback: true } as const;

/** What is seen of a RestAPI. */
export interface Case {
  /** By default dead pods are replaced. */
  spec?: Parameters<typeof healing>[0];
  pods: ReturnType<typeof pod>[];
  /** In place of those that are in order. */
  model?: Parameters<typeof deployment>[1];
  actions?: HealingRecord[];
  fleet?: Partial<ClusterHealth>;
  circumstances?: Partial<Circumstances>;
  /** How vertical scaling is set for the model. */
  vertical?: string;
}

/** What healing decides. */
export function look({
  spec = { restartPods: 'Dead' },
  pods,
  model,
  actions = [],
  fleet,
  circumstances,
  vertical,
}: Case): Healing {
  const api = restApi();
  const scaled = Object.fromEntries(COMPONENTS.map((name) => [name, {}]));
  const own = { vertical: { mode: vertical } };
  if (vertical) api.spec.autoScaling = { enabled: true, ...scaled, model: own } as never;
  const deployments = COMPONENTS.map((name) => deployment(name, name === 'model' ? model : {}));
  const components = componentHealthOf(api, environment(api), deployments, pods, actions);
  const around = { clusterHealth: () => ({ ...CALM, ...fleet }), ...circumstances };
  return heal(components, around, healing(spec), actions, NOW);
}

/** The action, or why there is none. */
export const acts = (healed: Healing) =>
  healed.next === 'act' ? `${healed.record.action} ${healed.record.target}` : JSON.stringify(healed);
/** The reason of a hold, or what is done instead. */
export const holds = (healed: Healing) => (healed.next === 'hold' ? healed.reason : JSON.stringify(healed));
