import type { Logger } from '../log/logger.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { AccessGuard } from './access-guard.ts';
import { AccessReviewer } from './access-reviewer.ts';
import type { SecureServing } from './secure-serving.ts';
import { ServerCertificate } from './server-certificate.ts';
import type { Scheme } from './token-of.ts';

/** What protects a server: it answers over TLS, and only requests that the guard lets pass. */
export interface Protection {
  certificate: ServerCertificate;
  guard: AccessGuard;
}

/** Creates the protection of servers of one operator. They share the reviews. */
export class Protections {
  readonly #client: ApiClient;
  readonly #log: Logger;
  readonly #certificates: ServerCertificate[] = [];
  #reviewer: AccessReviewer | undefined;

  constructor(client: ApiClient, logger: Logger) {
    this.#client = client;
    this.#log = logger;
  }

  /** @param schemes see AccessGuard */
  create({ certificate: files }: SecureServing, schemes?: readonly Scheme[]): Protection {
    this.#reviewer ??= new AccessReviewer(this.#client);
    const certificate = new ServerCertificate(files, this.#log);
    this.#certificates.push(certificate);
    return { certificate, guard: new AccessGuard(this.#reviewer, this.#log, schemes) };
  }

  /** Stops following certificates. */
  stop(): void {
    for (const certificate of this.#certificates) certificate.stop();
  }
}
