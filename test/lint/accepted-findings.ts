/**
 * Critical findings of kube-score that are accepted. The tests fail for any other finding, and if one is no longer
 * found.
 */
export const ACCEPTED = {
  /** In the manifests of the operator. */
  operator: [
    // Released tags are immutable, and an operator that is rescheduled must not depend on the registry.
    'container-image-pull-policy',
  ],
  /** In the objects of a RestAPI with only an image. Each can be fixed by the field named here. */
  generatedByDefault: [
    // spec.<component>.securityContext.runAsUser. Files of an image belong to the user of that image. Root is rejected.
    'container-security-context-user-group-id',
    // spec.<component>.securityContext.readOnlyRootFilesystem. Images that write to their root filesystem would not
    // start.
    'container-security-context-readonlyrootfilesystem',
    // spec.<component>.probes. Images need only one path, /health; liveness probes start later and run half as often.
    'pod-probes-identical',
    // spec.<component>.imagePullPolicy
    'container-image-pull-policy',
    // spec.<component>.resources. A default limit would evict pods that write more; the repository's has one.
    'container-ephemeral-storage-request-and-limit',
  ],
};
