import type { PolicyRule } from '../../operator/index.ts';

/** The kinds that a RestAPI may name in `envFrom` and `valueFrom`. */
export const SOURCE_KINDS = [
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Secret' },
];

/** What the controller does besides applying dependents and watching. */
export const PERMISSIONS: PolicyRule[] = [
  // What pods use, and what running pods may use: vertical and predictive scaling.
  { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['list'] },
  { apiGroups: [''], resources: ['pods/resize'], verbs: ['patch'] },
  // Healing.
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
];
