import type { EnvironmentName, RestAPISpec } from '../../../resources/index.ts';
import type { ReleasePlan } from '../../../src/blue-green/release-plan.ts';
import { ModelCluster } from './model-cluster.ts';
import { stored } from './stored.ts';

export type Settings = Partial<RestAPISpec['blueGreen']>;

/** A cluster in which version `a` serves in blue. */
export function serving(settings: Settings = {}): ModelCluster {
  const cluster = new ModelCluster(stored('a', settings));
  rest(cluster);
  return cluster;
}

/** Runs the operator until nothing is left to do but to wait. @returns the last plan */
export function rest(cluster: ModelCluster): ReleasePlan {
  for (let round = 0; round < 10; round++) {
    cluster.run();
    cluster.settle();
  }
  return cluster.run();
}

/** Runs the operator until only time changes something, long enough for every deadline. @returns the last plan */
export function restOverTime(cluster: ModelCluster): ReleasePlan {
  for (let round = 0; round < 16; round++) {
    cluster.run();
    cluster.settle();
    cluster.now += 60_000;
  }
  return cluster.run();
}

/** Changes the spec. @returns the revision that it requests then */
export function change(cluster: ModelCluster, fields: object, settings: Settings = {}): string {
  const { spec } = cluster.api;
  const blueGreen = { ...spec.blueGreen, ...settings } as RestAPISpec['blueGreen'];
  cluster.api = { ...cluster.api, spec: { ...spec, ...fields, blueGreen } };
  return cluster.wanted().name;
}

/** Sets the only annotation about releases. */
export function annotate(cluster: ModelCluster, verb: string, revision: string | undefined): void {
  const annotations = revision === undefined ? {} : { [`restapi.dev/${verb}`]: revision };
  cluster.api = { ...cluster.api, metadata: { ...cluster.api.metadata, annotations } };
}

export const replicas = (cluster: ModelCluster, environment: EnvironmentName) =>
  Object.values(cluster.environments[environment] ?? {}).map((deployment) => deployment.replicas);
export const condition = ({ conditions }: ReleasePlan, type: string) => conditions.find((one) => one.type === type);
export const results = (cluster: ModelCluster) => cluster.api.status?.history?.map(({ result }) => result);
export const image = (cluster: ModelCluster, environment: EnvironmentName) => [
  ...new Set(Object.values(cluster.environments[environment] ?? {}).map((deployment) => deployment.image)),
];
