// Before anything that is decorated: class-transformer's @Type reads what it defines.
import 'reflect-metadata';

/** The framework's public interface. */
// class-transformer's @Type reads and writes metadata when a user's classes are declared.
import 'reflect-metadata';

export { type ResourceEvent, ResourceEventType, type ResourceMeta } from '@dot-i/k8s-operator';
export { Semaphore } from './async/semaphore.ts';
export type { DashboardOptions } from './dashboard/dashboard.ts';
export type { PageFile, PageFiles } from './dashboard/page-file.ts';
export type { ResourceViews } from './dashboard/views.ts';
export * from './decorators/controller.ts';
export * from './decorators/dependent-resource.ts';
export type { EventInput } from './events/event-recorder.ts';
export { EventRecorder } from './events/event-recorder.ts';
export { Informer } from './informer/informer.ts';
export type { InformerEvent } from './informer/informer-event.ts';
export type { InformerOptions } from './informer/informer-options.ts';
export * from './kubernetes-object.ts';
export type { LeaderElectionOptions } from './leader/election-options.ts';
export { isFencedOff } from './leader/fenced-off.ts';
export { LeaderElector } from './leader/leader-elector.ts';
export { createLogger, type Logger } from './log/logger.ts';
export type { OperatorMetrics } from './metrics/operator-metrics.ts';
export { addScrapedMetric, type ScrapedMetric, type ScrapedSample } from './metrics/scraped-metric.ts';
export { WorkQueue, type WorkQueueOptions } from './queue/work-queue.ts';
export type { PolicyRule } from './rbac/policy-rule.ts';
export { type RbacOptions, rbacManifests, rbacYaml } from './rbac/rbac-manifests.ts';
export { leaseRules, rbacRules } from './rbac/rbac-rules.ts';
export { type Condition, type ConditionInput, conditions } from './reconcile/conditions.ts';
export type { Contended } from './reconcile/contention.ts';
export { hashOf } from './reconcile/desired-object.ts';
export { differences } from './reconcile/differences.ts';
export { type BoundDependent, bindDependents, generatedFor, ownershipOf } from './reconcile/generated.ts';
export { plan, type Step } from './reconcile/plan.ts';
export type { DependentOutcome, WorkflowResult } from './reconcile/workflow-result.ts';
export { CUSTOM_RESOURCE_DEFINITION } from './resource/custom-resource-definition.ts';
export * from './resource/resource-type.ts';
export { Operator } from './runtime/operator.ts';
export type { OperatorOptions } from './runtime/operator-options.ts';
export type { ReconcileContext, ReconcileResult } from './runtime/reconcile-context.ts';
export { type RunOptions, runUntilSignal } from './runtime/run-until-signal.ts';
export * from './schema/index.ts';
export { startTracing } from './tracing/start-tracing.ts';
export type { Span, SpanAttributes, Tracer } from './tracing/tracer.ts';
export type { TracedService, Tracing } from './tracing/tracing.ts';
export { ApiClient } from './transport/api-client.ts';
export type { JsonPatchOperation } from './transport/api-client-types.ts';
export * from './transport/api-error.ts';
export { TransportError } from './transport/transport-error.ts';
export { UnexpectedAnswerError } from './transport/unexpected-answer-error.ts';
export { WriteRefusedError } from './transport/write-refused-error.ts';
