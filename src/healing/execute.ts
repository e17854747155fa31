import {
  type ApiClient,
  ApiError,
  isConflict,
  isNotFound,
  resourcePath,
  type StoredObject,
} from '../../operator/index.ts';
import type { Deployment, HealingRecord } from '../../resources/index.ts';
import { DEPLOYMENT, POD } from '../workload/kinds.ts';
import { RESTARTED_AT, restartPatch, secondOf } from '../workload/restart-patch.ts';
import type { ComponentHealth } from './component-health.ts';

/**
 * Field manager of the annotation that restarts: were it the one of everything generated, the next change of the
 * Deployment would take the annotation off and restart once more.
 */
const FIELD_MANAGER = 'restapi-healing';

/** What became of an action. */
export interface Outcome {
  result: NonNullable<HealingRecord['result']>;
  /** Whether it was this call that did it. */
  did: boolean;
  /** Why it was refused. */
  why?: string;
}

const NOT_NEEDED: Outcome = { result: 'NotNeeded', did: false };

/**
 * Does what was written down, if it is still to be done. Doing it twice equals doing it once: a pod is named by its uid,
 * and a restart by its time.
 *
 * @throws ApiError, TransportError: then it is to be tried again
 */
export async function execute(
  { action, target, id, at }: HealingRecord,
  wards: readonly ComponentHealth[],
  deployments: readonly StoredObject<Deployment>[],
  client: ApiClient,
  signal: AbortSignal,
): Promise<Outcome> {
  if (action === 'RestartPod') {
    const found = wards.flatMap(({ ailing }) => ailing).find(({ pod }) => pod.metadata.uid === id);
    return found ? evict(found.pod, client, signal) : NOT_NEEDED;
  }
  const deployment = deployments.find(({ metadata }) => metadata.name === target);
  if (action !== 'RestartComponent' || !deployment) return NOT_NEEDED;
  if (deployment.spec.template.metadata.annotations?.[RESTARTED_AT] === secondOf(at)) {
    return { result: 'Done', did: false };
  }
  return attempt(async () => {
    // By force, as the annotation may be that of a person who restarted it before.
    const options = { fieldManager: FIELD_MANAGER, force: true, signal };
    await client.apply(DEPLOYMENT, restartPatch(deployment, new Date(at)), options);
  });
}

/** Takes a pod away unless a PodDisruptionBudget says that it is needed, as it may have become well just now. */
function evict({ metadata }: StoredObject, client: ApiClient, signal: AbortSignal): Promise<Outcome> {
  const { namespace, name, uid } = metadata;
  return attempt(async () => {
    await client.request({
      method: 'POST',
      path: resourcePath(POD, namespace, name, 'eviction'),
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { namespace, name },
        deleteOptions: { preconditions: { uid } },
      },
      // A budget that is spent is answered with 429 as well; it is not worth waiting for.
      retry: 'never',
      signal,
    });
  });
}

async function attempt(write: () => Promise<void>): Promise<Outcome> {
  try {
    await write();
    return { result: 'Done', did: true };
  } catch (error) {
    // It is gone, or there is another of its name.
    if (isNotFound(error) || isConflict(error)) return NOT_NEEDED;
    if (error instanceof ApiError && error.status < 500) return { result: 'Refused', did: false, why: error.message };
    throw error;
  }
}
