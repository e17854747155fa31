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
  appArmorProfile,
}: SecuritySpec = {}): { pod: object; container: object } {
  return {
    pod: {
      runAsNonRoot: true,
      runAsUser,
      runAsGroup,
      fsGroup,
      supplementalGroups,
      seccompProfile: { type: 'RuntimeDefault' },
      // Not by default: kubelets of nodes without AppArmor reject pods that name a profile, even the default one.
      appArmorProfile: appArmorProfile && { type: appArmorProfile },
    },
    container: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: bindLowPorts ? ['NET_BIND_SERVICE'] : undefined },
      readOnlyRootFilesystem,
    },
  };
}
