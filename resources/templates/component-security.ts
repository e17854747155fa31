import type { SecuritySpec } from '../api/security-spec.ts';

/**
 * Returns security contexts of a pod and its container that always comply with the Pod Security Standard `restricted`.
 */
export function componentSecurity({
  runAsUser,
  runAsGroup,
  fsGroup,
  supplementalGroups,
  readOnlyRootFilesystem,
  bindLowPorts,
}: SecuritySpec = {}): { pod: object; container: object } {
  return {
    pod: {
      runAsNonRoot: true,
      runAsUser,
      runAsGroup,
      fsGroup,
      supplementalGroups,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    container: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: bindLowPorts ? ['NET_BIND_SERVICE'] : undefined },
      readOnlyRootFilesystem,
    },
  };
}
