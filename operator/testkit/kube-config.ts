import { KubeConfig } from '@kubernetes/client-node';
import type { KeyPairPem } from './certificates.ts';

/** How a client proves who it is: with a certificate or a bearer token. */
export type Credentials = KeyPairPem | { token: string };

/** A kubeconfig with one context; all data inline, so it needs no files. */
export function buildKubeConfig(
  server: string,
  caCert: string,
  userName: string,
  credentials: Credentials,
): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'testkit', server, caData: base64(caCert), skipTLSVerify: false }],
    users: [
      'token' in credentials
        ? { name: userName, token: credentials.token }
        : { name: userName, certData: base64(credentials.cert), keyData: base64(credentials.key) },
    ],
    contexts: [{ name: 'testkit', cluster: 'testkit', user: userName, namespace: 'default' }],
    currentContext: 'testkit',
  });
  return config;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
