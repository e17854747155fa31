import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, expect, it, vi } from 'vitest';
import { ApiClient } from '../../../operator/transport/api-client.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The address that a pod with these variables talks to. */
function inCluster(host: string | undefined, port: string | undefined): string {
  vi.stubEnv('KUBERNETES_SERVICE_HOST', host);
  vi.stubEnv('KUBERNETES_SERVICE_PORT', port);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromCluster();
  return new ApiClient({ kubeConfig, userAgent: 'test' }).serverUrl;
}

it.each([
  ['10.96.0.1', '443', 'https://10.96.0.1'],
  ['10.96.0.1', '6443', 'https://10.96.0.1:6443'],
  ['10.96.0.1', '8080', 'http://10.96.0.1:8080'],
  ['fd00::1', '443', 'https://[fd00::1]'],
  ['[::1]', '6443', 'https://[::1]:6443'],
  ['kubernetes.default.svc', '443', 'https://kubernetes.default.svc'],
])('KUBERNETES_SERVICE_HOST %s and port %s are %s', (host, port, url) => {
  expect(inCluster(host, port)).toBe(url);
});

const HOST = 'the environment variable KUBERNETES_SERVICE_HOST is';
const PORT = 'the environment variable KUBERNETES_SERVICE_PORT is';
it.each([
  [undefined, '443', `${HOST} not set, not a host name`],
  ['', '443', `${HOST} "", not a host name`],
  ['https://10.96.0.1', '443', `${HOST} "https://10.96.0.1", not a host name`],
  ['10.96.0.1:443', '443', `${HOST} "10.96.0.1:443", not a host name`],
  ['10.96.0.1/api', '443', `${HOST} "10.96.0.1/api", not a host name`],
  ['user@10.96.0.1', '443', `${HOST} "user@10.96.0.1", not a host name`],
  ['a b', '443', `${HOST} "a b", not a host name`],
  ['999.1.1.1', '443', `${HOST} "999.1.1.1", not a host name`],
  ['[fd00::', '443', `${HOST} "[fd00::", not a host name`],
  ['%%%', '443', `${HOST} "%%%", not a host name`],
  ['10.96.0.1', undefined, `${PORT} not set, not a port number from 1 to 65535`],
  ['10.96.0.1', '', `${PORT} "", not a port number from 1 to 65535`],
  ['10.96.0.1', 'https', `${PORT} "https", not a port number`],
  ['10.96.0.1', 'tcp://10.96.0.1:443', `${PORT} "tcp://10.96.0.1:443", not a port number`],
  ['10.96.0.1', '0', `${PORT} "0", not a port number`],
  ['10.96.0.1', '70000', `${PORT} "70000", not a port number`],
])('KUBERNETES_SERVICE_HOST %j and port %j are refused', (host, port, message) => {
  expect(() => inCluster(host, port)).toThrow(message);
});

it.each(['', 'api.example', 'ftp://api.example', 'https://', 'https://a b', 'https://host:port', '/var/run/x.sock'])(
  'a kubeconfig with the server %j is rejected, and the error names it',
  (server) => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser({ name: 'mine', server, skipTLSVerify: false }, { name: 'me' });
    expect(() => new ApiClient({ kubeConfig, userAgent: 'test' })).toThrow(
      `cluster "mine" of the kubeconfig has an invalid server "${server}"; use a URL such as https://host:6443`,
    );
  },
);

it('a kubeconfig without a cluster is rejected', () => {
  expect(() => new ApiClient({ kubeConfig: new KubeConfig(), userAgent: 'test' })).toThrow('has no current cluster');
});
