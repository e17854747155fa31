/** PEM files of a server certificate, such as those of a mounted Secret of the type kubernetes.io/tls. */
export interface CertificateFiles {
  /** The certificate, followed by those of intermediate authorities. */
  certFile: string;
  /** Its private key. */
  keyFile: string;
}

/**
 * How an endpoint is served to others than this machine: over TLS, and only to clients whose token the API server knows (TokenReview)
 * and whose user may `get` its path as a nonResourceURL (SubjectAccessReview). The operator needs `accessReviewRules()` for that.
 * A verdict is reused for up to a minute. Without an answer of the API server in 4 seconds a request is refused.
 */
export interface SecureServing {
  /**
   * The certificate. Changed files take effect within a minute. Default: a self-signed certificate made at start, which clients
   * cannot verify.
   */
  certificate?: CertificateFiles;
}
