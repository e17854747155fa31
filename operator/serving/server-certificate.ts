import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { errorFields, type Logger } from '../log/logger.ts';
import { ThrottledLogger } from '../log/throttled-logger.ts';
import type { CertificateFiles } from './secure-serving.ts';
import type { KeyPair } from './self-signed.ts';

/** How often the files are read, in milliseconds. A kubelet updates a mounted Secret about once a minute. */
const CHECK_MS = 30_000;
/** How old a self-signed certificate, valid for a year, becomes before it is replaced, in milliseconds. */
const RENEW_MS = 180 * 24 * 60 * 60 * 1000;

/** The certificate of servers: from files, read again when they change, or self-signed and replaced before it expires. */
export class ServerCertificate {
  readonly #files: CertificateFiles | undefined;
  readonly #log: Logger;
  readonly #failures: ThrottledLogger;
  readonly #checkMs: number;
  readonly #listeners = new Set<(pair: KeyPair) => void>();
  #loading: Promise<KeyPair> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #madeAt = 0;

  /** @param files without them: self-signed. @param checkMs time between two looks at the files, milliseconds */
  constructor(files: CertificateFiles | undefined, logger: Logger, checkMs = CHECK_MS) {
    this.#files = files;
    this.#log = logger;
    this.#checkMs = checkMs;
    this.#failures = new ThrottledLogger(logger, 'Could not renew the server certificate, keeping the one in use');
  }

  /**
   * Returns the certificate in use, and reports later ones until stop().
   *
   * @throws Error if the files cannot be read, or are no certificate with its key
   */
  async follow(listener: (pair: KeyPair) => void): Promise<KeyPair> {
    this.#loading ??= this.#load();
    const pair = await this.#loading;
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => void this.#check(), this.#checkMs).unref();
    return pair;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#listeners.clear();
  }

  async #load(): Promise<KeyPair> {
    if (!this.#files) {
      this.#madeAt = Date.now();
      this.#log.info('Created a self-signed server certificate; clients cannot verify it');
      // Loaded only where it is used. Our own module, because a bundle gives an imported CommonJS package no named exports.
      const { selfSigned } = await import('./self-signed.ts');
      return selfSigned();
    }
    const { certFile, keyFile } = this.#files;
    const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)]);
    try {
      createSecureContext({ cert, key });
    } catch (cause) {
      throw new Error(
        `${certFile} and ${keyFile} are not a certificate and its private key, both PEM: replace them, or serve with a self-signed certificate`,
        { cause },
      );
    }
    return { cert, key };
  }

  /** A pair that was read between the writes of its files does not fit; the next look finds the right one. */
  async #check(): Promise<void> {
    try {
      if (!this.#files && Date.now() - this.#madeAt < RENEW_MS) return;
      const [before, pair] = [await this.#loading, await this.#load()];
      if (before?.cert === pair.cert && before.key === pair.key) return;
      this.#loading = Promise.resolve(pair);
      for (const listener of this.#listeners) listener(pair);
      if (this.#files) this.#log.info('Server certificate was replaced', { file: this.#files.certFile });
    } catch (error) {
      this.#failures.warn(errorFields(error));
    }
  }
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Error(
      `cannot read ${file} for the server certificate: mount a Secret of the type kubernetes.io/tls there`,
      {
        cause,
      },
    );
  }
}
