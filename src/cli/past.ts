import { ifFound, type StoredObject } from '../../operator/index.ts';
import {
  type ControllerRevision,
  FRONT_ANNOTATIONS,
  frontName,
  type RestAPI,
  revisionHeldBy,
  type Service,
} from '../../resources/index.ts';
import { generatedSelector, SERVICE } from '../workload/kinds.ts';
import type { Cluster } from './cluster.ts';
import { listAll } from './observe.ts';
import type { Past } from './release-step.ts';

export const CONTROLLER_REVISION = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
};

/** A revision to roll back to. */
export interface KeptRevision {
  name: string;
  /** Counts up with each revision of the RestAPI. */
  number: number;
  image: string;
  createdAt: string;
}

/** A stored revision with what it was made of. */
export interface StoredRevisionOf extends KeptRevision {
  data: ControllerRevision['data'];
}

/** Lists the stored revisions of a RestAPI, newest first. @throws ApiError, TransportError */
export async function storedRevisions(
  cluster: Cluster,
  api: StoredObject<RestAPI>,
  signal: AbortSignal,
): Promise<StoredRevisionOf[]> {
  const { client, namespace } = cluster;
  const options = { namespace, labelSelector: generatedSelector(api.metadata.name), signal };
  const found = await listAll<ControllerRevision>(client, CONTROLLER_REVISION, options);
  return found
    .flatMap(({ metadata, revision: number, data }) => {
      const name = revisionHeldBy(metadata.name, api.metadata.name);
      if (name === undefined || metadata.deletionTimestamp) return [];
      return [{ name, number, image: String(data.spec.image), createdAt: metadata.creationTimestamp ?? '', data }];
    })
    .sort((a, b) => b.number - a.number);
}

/** Reads the revisions that a rollback can choose from. @throws ApiError, TransportError */
export async function pastOf(cluster: Cluster, api: StoredObject<RestAPI>, signal: AbortSignal): Promise<Past> {
  const [front, kept] = await Promise.all([frontOf(cluster, api, signal), storedRevisions(cluster, api, signal)]);
  return {
    previous: front?.metadata?.annotations?.[FRONT_ANNOTATIONS.previousRevision],
    kept: kept.map(({ name }) => name),
  };
}

async function frontOf(
  { client, namespace }: Cluster,
  api: RestAPI,
  signal: AbortSignal,
): Promise<Service | undefined> {
  return ifFound(client.get<Service>(SERVICE, namespace, frontName(api), { signal }));
}
