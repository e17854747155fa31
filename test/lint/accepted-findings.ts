/**
 * Critical findings of kube-score that are accepted, each for its reason. The tests fail if there is another one, and
 * also if one of these is no longer found.
 */
export const ACCEPTED = {
  /** In the operator's own manifests. */
  operator: [
    // A released tag does not change, so that an operator that moves to another node need not wait for the registry.
    'container-image-pull-policy',
  ],
  /** In what is generated for a RestAPI that says only its image: its fields can say otherwise. */
  generatedByDefault: [
    // spec.<component>.securityContext.runAsUser. An image whose user is 1000 has files of 1000. Root is refused.
    'container-security-context-user-group-id',
    // spec.<component>.securityContext.readOnlyRootFilesystem. Images that write beside their program would not start.
    'container-security-context-readonlyrootfilesystem',
    // spec.<component>.probes. The contract with the image has one path, /health; liveness asks later and half as often.
    'pod-probes-identical',
    // spec.<component>.imagePullPolicy
    'container-image-pull-policy',
    // spec.<component>.resources. A default limit would evict pods that write more; the repository's has one.
    'container-ephemeral-storage-request-and-limit',
  ],
};
