import { isInvalid, isNotFound, type ReconcileContext, type StoredObject } from '../../operator/index.ts';
import type { Deployment, EnvironmentName, RestAPI } from '../../resources/index.ts';
import { frozenReplicas } from '../blue-green/frozen-replicas.ts';
import { DEPLOYMENT } from '../workload/kinds.ts';

const FIELD_MANAGER = 'restapi-scaling';

/**
 * Lets the active environment follow the replicas of the spec while its revision is lost. Patches `spec.replicas` alone, and
 * only of the Deployments as they were observed.
 *
 * @throws ApiError, TransportError: then it must be retried
 */
export async function scaleFrozen(
  { client, primary, signal, logger }: ReconcileContext<RestAPI>,
  active: EnvironmentName,
  deployments: readonly StoredObject<Deployment>[],
): Promise<void> {
  for (const { deployment, replicas } of frozenReplicas(primary, active, deployments)) {
    const { namespace, name, uid } = deployment.metadata;
    try {
      await client.jsonPatch(
        DEPLOYMENT,
        namespace,
        name,
        [
          { op: 'test', path: '/metadata/uid', value: uid },
          { op: 'test', path: '/spec/replicas', value: deployment.spec.replicas },
          { op: 'replace', path: '/spec/replicas', value: replicas },
        ],
        { fieldManager: FIELD_MANAGER, signal },
      );
      logger.info('Scaled a Deployment of a lost revision', { deployment: name, replicas });
    } catch (error) {
      // It was changed, so that a `test` failed, or deleted meanwhile; its change starts the next run.
      if (!isNotFound(error) && !isInvalid(error)) throw error;
    }
  }
}
