import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { ALGORITHM, generateKeys, privateKeyPem, publicKeyPem, serialNumber } from '../serving/ecdsa-keys.ts';

/** A certificate and its private key, both PEM. */
export interface KeyPairPem {
  cert: string;
  key: string;
}

export interface ClientIdentity {
  /** The user name the API server sees. */
  name: string;
  groups?: string[];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate authority that lives as long as one test cluster. */
export class CertificateAuthority {
  readonly cert: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.cert = `${certificate.toString('pem')}\n`;
    this.#certificate = certificate;
    this.#keys = keys;
  }

  /** A new authority with a key of its own. */
  static async create(commonName: string): Promise<CertificateAuthority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        serialNumber: serialNumber(),
        name: [{ CN: [commonName] }],
        ...validity(),
        keys,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(true, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
      },
      crypto,
    );
    return new CertificateAuthority(certificate, keys);
  }

  /** A certificate for a server that answers under these names and IP addresses. */
  issueServer(commonName: string, names: x509.JsonGeneralNames): Promise<KeyPairPem> {
    return this.#issue(
      [{ CN: [commonName] }],
      [x509.ExtendedKeyUsage.serverAuth],
      [new x509.SubjectAlternativeNameExtension(names)],
    );
  }

  /** A client certificate: Kubernetes reads the user from CN and the groups from O. */
  issueClient({ name, groups = [] }: ClientIdentity): Promise<KeyPairPem> {
    return this.#issue(
      [...groups.map((group) => ({ O: [group] })), { CN: [name] }],
      [x509.ExtendedKeyUsage.clientAuth],
      [],
    );
  }

  async #issue(
    subject: x509.JsonName,
    usages: x509.ExtendedKeyUsageType[],
    extensions: x509.Extension[],
  ): Promise<KeyPairPem> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create(
      {
        serialNumber: serialNumber(),
        subject,
        issuer: this.#certificate.subjectName,
        ...validity(),
        publicKey: keys.publicKey,
        signingKey: this.#keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension(usages),
          await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
          ...extensions,
        ],
      },
      crypto,
    );
    return { cert: `${certificate.toString('pem')}\n`, key: await privateKeyPem(keys.privateKey) };
  }
}

/** A new ECDSA key pair as PEM, for signing and checking service account tokens. */
export async function createSigningKeys(): Promise<{ privateKey: string; publicKey: string }> {
  const keys = await generateKeys();
  return {
    privateKey: await privateKeyPem(keys.privateKey),
    publicKey: await publicKeyPem(keys.publicKey),
  };
}

function validity(): { notBefore: Date; notAfter: Date } {
  // Not before a little earlier than now: the components check it with the same clock, rounded to seconds.
  return { notBefore: new Date(Date.now() - 5 * 60 * 1000), notAfter: new Date(Date.now() + 365 * DAY_MS) };
}
