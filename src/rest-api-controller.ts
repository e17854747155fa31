import {
  Controller,
  describeErrors,
  OnAdded,
  OnDeleted,
  OnInvalid,
  OnModified,
  type ReconcileContext,
  type Reconciled,
  type ResolvedReference,
  type ResourceEvent,
  type StoredObject,
} from '../operator/index.ts';
import { ComponentDeployment, type Decision, RestAPI, type RestAPIStatus } from '../resources/index.ts';
import { type SourceOfVariables, sourcesOfVariables } from '../resources/references.ts';
import { missing, referenceHashes } from './reference-hashes.ts';
import { restApiMetrics } from './rest-api-metrics.ts';
import { deletingStatus, failedStatus, statusOf } from './rest-api-status.ts';
import { statusEvent } from './status-event.ts';

/** Routes what happens to RestAPIs to what is generated for them. It keeps no state: all it knows is in the event and the caches. */
@Controller({
  resource: RestAPI,
  finalizer: 'restapi.dev/finalizer',
  references: sourcesOfVariables,
  metrics: restApiMetrics,
})
export class RestAPIController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<Reconciled<RestAPIStatus>> {
    const { primary } = context;
    const sources = context.references as readonly ResolvedReference<SourceOfVariables>[];
    const decision: Decision = {
      referenceHashes: referenceHashes(sources, context.observed(ComponentDeployment)),
    };
    const result = await context.apply(decision);
    return report(context, statusOf(primary, result, missing(sources)));
  }

  @OnInvalid()
  async refuse(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<Reconciled<RestAPIStatus>> {
    return report(context, failedStatus(context.primary, 'InvalidSpec', describeErrors(context.errors)));
  }

  @OnDeleted()
  async cleanUp(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<Reconciled<RestAPIStatus>> {
    const left = await context.deleteDependents();
    return { finished: left === 0, status: deletingStatus(context.primary) };
  }
}

function report(context: ReconcileContext<RestAPI>, status: RestAPIStatus): Reconciled<RestAPIStatus> {
  const event = statusEvent((context.primary as StoredObject<RestAPI>).status, status);
  if (event) context.event(event);
  return { status };
}
