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
 * Field manager of the restart annotation. With that of the generated objects, the next change of the Deployment would
 * remove the annotation and restart again.
 */
const FIELD_MANAGER = 'restapi-healing';

/** The outcome of an action. */
export interface Outcome {
  result: NonNullable<HealingRecord['result']>;
  /** Whether this call executed it. */
  did: boolean;
  /** Why it was refused. */
  why?: string;
}

const NOT_NEEDED: Outcome = { result: 'NotNeeded', did: false };

/**
 * Executes a recorded action if it is still needed. Idempotent: a pod is identified by its uid, a restart by its time.
 *
 * @throws ApiError, TransportError: then it must be retried
 */
export async function execute(
  { action, target, id, at }: HealingRecord,
  components: readonly ComponentHealth[],
  deployments: readonly StoredObject<Deployment>[],
  client: ApiClient,
  signal: AbortSignal,
): Promise<Outcome> {
  if (action === 'RestartPod') {
    const found = components.flatMap(({ failing }) => failing).find(({ pod }) => pod.metadata.uid === id);
    return found ? evict(found.pod, client, signal) : NOT_NEEDED;
  }
  const deployment = deployments.find(({ metadata }) => metadata.name === target);
  if (action !== 'RestartComponent' || !deployment) return NOT_NEEDED;
  if (deployment.spec.template.metadata.annotations?.[RESTARTED_AT] === secondOf(at)) {
    return { result: 'Done', did: false };
  }
  return attempt(async () => {
    // By force: the annotation may belong to a user who restarted it before.
    const options = { fieldManager: FIELD_MANAGER, force: true, signal };
    await client.apply(DEPLOYMENT, restartPatch(deployment, new Date(at)), options);
  });
}

/** Evicts a pod, which a PodDisruptionBudget prevents if the pod recovered meanwhile. */
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
      // A spent budget is answered with 429 too; do not wait for it.
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
    // It was deleted, or replaced by another of its name.
    if (isNotFound(error) || isConflict(error)) return NOT_NEEDED;
    if (error instanceof ApiError && error.status < 500) return { result: 'Refused', did: false, why: error.message };
    throw error;
  }
}
