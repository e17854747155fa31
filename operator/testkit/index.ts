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
export type { ClientIdentity } from './certificates.ts';
export { ComponentError } from './component-error.ts';
export type { ComponentName } from './components.ts';
export {
  type ControlPlane,
  type ControlPlaneOptions,
  type KubectlOptions,
  startControlPlane,
} from './control-plane.ts';
export { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
export type { NodeOptions } from './kwok-config.ts';
export type { PodsWithLabels, SeenUsage, Usage } from './pod-usage.ts';
export type { ProgramResult } from './run-program.ts';
export { versions } from './versions.ts';
