import 'reflect-metadata';
import { hostname } from 'node:os';
import * as x509 from '@peculiar/x509';
import { ALGORITHM, generateKeys, privateKeyPem, serialNumber } from './ecdsa-keys.ts';

/** A server certificate and its private key, both PEM. */
export interface KeyPair {
  cert: string;
  key: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a certificate is valid, in milliseconds. */
const VALID_MS = 365 * DAY_MS;

/** Makes a self-signed certificate for `localhost` and the name of this machine, valid for a year, and its key. */
export async function selfSigned(now = Date.now()): Promise<KeyPair> {
  const keys = await generateKeys();
  const names = [...new Set(['localhost', hostname()])];
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      // A name of the X.520 attribute CN has at most 64 characters.
      name: [{ CN: [hostname().slice(0, 64)] }],
      // Clocks of clients may be behind.
      notBefore: new Date(now - 5 * 60_000),
      notAfter: new Date(now + VALID_MS),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      ],
    },
    crypto,
  );
  return { cert: `${certificate.toString('pem')}\n`, key: await privateKeyPem(keys.privateKey) };
}
