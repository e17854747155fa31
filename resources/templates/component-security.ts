import type { SecuritySpec } from '../api/security-spec.ts';

/** Security settings of a pod and of its container that pass Pod Security level `restricted`, whatever is said. */
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
