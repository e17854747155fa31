import { mkdir, writeFile } from 'node:fs/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { AUDIT_POLICY } from './audit.ts';
import { CertificateAuthority, type ClientIdentity, createSigningKeys, type KeyPairPem } from './certificates.ts';
import { type ComponentName, type clusterFiles, FRONT_PROXY } from './components.ts';
import { kwokConfig } from './kwok-config.ts';
import { GATEWAY_IP } from './node/node-config.ts';

type Files = ReturnType<typeof clusterFiles>;

/** Writes the cluster's certificates and keys. @returns the authority and the administrator's credentials */
export async function writePki(files: Files): Promise<{ authority: CertificateAuthority; admin: KeyPairPem }> {
  const [authority, serviceAccount] = await Promise.all([
    CertificateAuthority.create('k8s-operator-testkit'),
    createSigningKeys(),
    mkdir(files.pki, { recursive: true, mode: 0o700 }),
  ]);
  const [serving, admin, proxy] = await Promise.all([
    authority.issueServer('kube-apiserver', [
      { type: 'dns', value: 'localhost' },
      { type: 'dns', value: 'kubernetes.default.svc' },
      { type: 'ip', value: '127.0.0.1' },
      { type: 'ip', value: '10.96.0.1' },
      { type: 'ip', value: GATEWAY_IP },
    ]),
    authority.issueClient({ name: 'admin', groups: ['system:masters'] }),
    authority.issueClient({ name: FRONT_PROXY }),
  ]);
  await Promise.all([
    writePrivate(files.caCert, authority.cert),
    writePrivate(files.servingCert, serving.cert),
    writePrivate(files.servingKey, serving.key),
    writePrivate(files.frontProxyCert, proxy.cert),
    writePrivate(files.frontProxyKey, proxy.key),
    writePrivate(files.serviceAccountKey, serviceAccount.privateKey),
    writePrivate(files.serviceAccountPublicKey, serviceAccount.publicKey),
    writePrivate(files.auditPolicy, AUDIT_POLICY),
    writePrivate(files.egressConfig, JSON.stringify(egressConfig(files.lanSocket))),
  ]);
  return { authority, admin };
}

const USERS: Partial<Record<ComponentName, ClientIdentity>> = {
  'kube-controller-manager': { name: 'system:kube-controller-manager' },
  'kube-scheduler': { name: 'system:kube-scheduler' },
  // Not an ordinary user of a cluster: KWOK plays kubelets, and the name distinguishes its requests from an administrator's.
  kwok: { name: 'kwok', groups: ['system:masters'] },
  'metrics-server': { name: 'metrics-server', groups: ['system:masters'] },
};

/** Writes the kubeconfigs of the administrator and of the components, and KWOK's configuration. */
export async function writeConfigs(
  files: Files,
  names: readonly ComponentName[],
  admin: KubeConfig,
  kubeConfigFor: (identity: ClientIdentity) => Promise<KubeConfig>,
  kwok: { extra: string[]; metrics: boolean },
): Promise<void> {
  await Promise.all([
    writePrivate(files.kubeconfig('admin'), admin.exportConfig()),
    ...names.map(async (name) => {
      const user = USERS[name];
      if (user === undefined) return;
      await writePrivate(files.kubeconfig(name), (await kubeConfigFor(user)).exportConfig());
    }),
    ...(names.includes('kwok') ? [writeKwokConfig(files, kwok)] : []),
  ]);
}

async function writeKwokConfig(files: Files, { extra, metrics }: { extra: string[]; metrics: boolean }): Promise<void> {
  await writePrivate(files.kwokConfig, await kwokConfig(extra, metrics));
}

/** Lets the API server connect to nodes, pods and Services by a relay. */
function egressConfig(socket: string): object {
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } };
  return {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [{ name: 'cluster', connection }],
  };
}

function writePrivate(path: string, text: string): Promise<void> {
  return writeFile(path, text, { mode: 0o600 });
}
