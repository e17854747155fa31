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
export {
  type ControlPlane,
  type ControlPlaneOptions,
  type KubectlOptions,
  type RestoreOptions,
  type Snapshot,
  startControlPlane,
} from './control-plane.ts';
export {
  type ActiveRule,
  type Fault,
  type FaultProxy,
  type FaultProxyOptions,
  type FaultRule,
  startFaultProxy,
} from './fault-proxy.ts';
export type { NodeOptions } from './kwok-config.ts';
export type { PastCollection } from './past-collection.ts';
export type { PodsWithLabels, SeenUsage, Usage } from './pod-usage.ts';
export { type ProxiedRequest, type RequestFilter, requests, type Verb } from './proxied-request.ts';
export type { ProgramResult } from './run-program.ts';
export { type SlowWebhook, type SlowWebhookOptions, startSlowWebhook } from './slow-webhook.ts';
export { versions } from './versions.ts';
