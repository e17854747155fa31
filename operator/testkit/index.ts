// The test kit: a real Kubernetes API server for the tests of an operator, with nothing to install first.

export { ApiStatusError } from './admin-api.ts';
export { type AuditEvent, type AuditMark, isWrite } from './audit.ts';
export {
  BinariesError,
  type BinaryName,
  type EnsureBinariesOptions,
  ensureBinaries,
  type Progress,
} from './binaries.ts';
export type { ClientIdentity, KeyPairPem } from './certificates.ts';
export { ComponentError } from './component-error.ts';
export type { ComponentName } from './components.ts';
export type { ControlPlane } from './control-plane.ts';
export type { ControlPlaneOptions, KubectlOptions, RestoreOptions, Snapshot } from './control-plane-options.ts';
export type { ActiveRule, Fault, FaultProxyOptions, FaultRule } from './fault.ts';
export { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
export { type Image, type ImageFile, type ImageFiles, type ImageOptions, writeImage, writeImages } from './image.ts';
export { ImageFilesError } from './image-files.ts';
export type { NodeOptions } from './kwok-config.ts';
export type { Forward } from './node/forward.ts';
export { realNodesObstacle } from './node/machine.ts';
export type { NodePart, RealNode } from './node/real-node.ts';
export type { PastCollection } from './past-collection.ts';
export type { PodsWithLabels, SeenUsage, Usage } from './pod-usage.ts';
export { type ProxiedRequest, type RequestFilter, requests, type Verb } from './proxied-request.ts';
export type { ProgramResult } from './run-program.ts';
export { IMAGE_NODE, nodeRuntimeFiles, programFiles } from './runtime-files.ts';
export { type SlowWebhook, type SlowWebhookOptions, startSlowWebhook } from './slow-webhook.ts';
export { startControlPlane } from './start-control-plane.ts';
export { versions } from './versions.ts';
