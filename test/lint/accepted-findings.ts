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
  /** In what is generated for a RestAPI that says all it can in this regard. */
  generated: [
    // The user is the image's business: one that runs as 1000 has files of 1000. Root is refused (runAsNonRoot).
    'container-security-context-user-group-id',
    // An image that writes temporary files beside its program would no longer start, and a RestAPI has no volumes.
    'container-security-context-readonlyrootfilesystem',
    // The contract with the image has one path, /health. The liveness probe begins later and asks half as often.
    'pod-probes-identical',
  ],
  /** In addition, in what is generated for a RestAPI that says only its image: its fields can say otherwise. */
  generatedByDefault: [
    // spec.<component>.imagePullPolicy
    'container-image-pull-policy',
    // spec.<component>.resources. A default limit would evict pods that write more; the repository's has one.
    'container-ephemeral-storage-request-and-limit',
  ],
};
