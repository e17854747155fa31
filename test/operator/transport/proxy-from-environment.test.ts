import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { proxyFromEnvironment } from '../../../operator/transport/proxy-from-environment.ts';
import { answerJson, startPlainServer } from '../../support/plain-server.ts';
import { startTunnel } from './tunnel.ts';

const P = 'http://p:3128';

describe('the proxy of the environment', () => {
  it.each<[server: string, environment: Record<string, string>, expected: string | undefined]>([
    ['https://h.example:6443', {}, undefined],
    ['https://h.example:6443', { HTTPS_PROXY: P }, P],
    ['https://h.example:6443', { https_proxy: P }, P],
    ['https://h.example:6443', { HTTPS_PROXY: 'http://upper:1', https_proxy: P }, 'http://upper:1'],
    ['https://h.example:6443', { HTTPS_PROXY: '', https_proxy: P }, P],
    ['https://h.example:6443', { HTTP_PROXY: P, ALL_PROXY: P }, undefined],
    ['http://h.example:8080', { HTTP_PROXY: P }, P],
    ['http://h.example:8080', { HTTPS_PROXY: P }, undefined],
    ['https://h.example', { HTTPS_PROXY: 'p:3128' }, P],
    ['https://h.example', { HTTPS_PROXY: 'https://u:w@p:3128' }, 'https://u:w@p:3128'],
    ['https://h.example', { HTTPS_PROXY: 'socks5://p:1080' }, 'socks5://p:1080'],
    ['https://h.example', { HTTPS_PROXY: 'socks5h://p:1080' }, 'socks5://p:1080'],
    // Never for this very machine.
    ['https://localhost:6443', { HTTPS_PROXY: P }, undefined],
    ['https://127.0.0.1:6443', { HTTPS_PROXY: P }, undefined],
    ['https://127.8.0.1:6443', { HTTPS_PROXY: P }, undefined],
    ['https://[::1]:6443', { HTTPS_PROXY: P }, undefined],
    ['https://notlocalhost:6443', { HTTPS_PROXY: P }, P],
  ])('%s with %j is %s', (server, environment, expected) => {
    expect(proxyFromEnvironment(new URL(server), environment)).toBe(expected);
  });

  it.each<[server: string, noProxy: string, proxied: boolean]>([
    ['https://h.example', '', true],
    ['https://h.example', '*', false],
    ['https://h.example', 'other.example, *', false],
    ['https://h.example', 'h.example', false],
    ['https://H.Example', ' other.example , H.EXAMPLE ', false],
    ['https://a.h.example', 'h.example', false],
    ['https://ah.example', 'h.example', true],
    ['https://a.h.example', '.h.example', false],
    ['https://h.example', '.h.example', true],
    ['https://a.h.example', '*.h.example', false],
    ['https://h.example', '*.h.example', true],
    ['https://h.example', 'h.example:443', false],
    ['https://h.example:6443', 'h.example:443', true],
    ['https://h.example:6443', 'h.example:6443', false],
    ['https://a.h.example:6443', '.h.example:6443', false],
    ['http://h.example', 'h.example:80', false],
    ['https://h.example', ':443', true],
    ['https://10.0.0.1:6443', '10.0.0.1', false],
    ['https://10.0.0.1:6443', '10.0.0.1:6443', false],
    ['https://10.0.0.1:6443', '10.0.0.1:443', true],
    ['https://10.0.0.1:6443', '10.0.0.10', true],
    ['https://10.1.2.3:6443', '10.0.0.0/8', false],
    ['https://11.1.2.3:6443', '10.0.0.0/8', true],
    ['https://10.1.2.3:6443', '10.1.2.3/32', false],
    ['https://10.1.2.3:6443', '0.0.0.0/0', false],
    ['https://10.1.2.3:6443', '10.0.0.0/33', true],
    ['https://10.1.2.3:6443', '10.0.0.0/x', true],
    // Names are not resolved.
    ['https://ten.example:6443', '10.0.0.0/8', true],
    ['https://[2001:db8::1]:6443', '2001:db8::1', false],
    ['https://[2001:db8::1]:6443', '[2001:db8::1]:6443', false],
    ['https://[2001:db8::1]:6443', '[2001:db8::1]:443', true],
    ['https://[2001:db8::1]:6443', '2001:db8::/32', false],
    ['https://[2001:db9::1]:6443', '2001:db8::/32', true],
    ['https://[2001:db8::1]:6443', '10.0.0.0/8', true],
    // The usual one of a cluster.
    ['https://10.96.0.1:443', 'localhost,127.0.0.1,.svc,.cluster.local,10.96.0.0/12', false],
    ['https://kubernetes.default.svc', 'localhost,127.0.0.1,.svc,.cluster.local,10.96.0.0/12', false],
  ])('%s with NO_PROXY=%j: %s', (server, noProxy, proxied) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const environment = { HTTPS_PROXY: P, HTTP_PROXY: P, [name]: noProxy };
      expect(proxyFromEnvironment(new URL(server), environment)).toBe(proxied ? P : undefined);
    }
  });

  it.each(['ftp://p:21', 'http://', 'http://p:port', 'http://user:hush-hush@'])(
    'refuses %s, without quoting it',
    (proxy) => {
      const ask = () => proxyFromEnvironment(new URL('https://h.example'), { HTTPS_PROXY: proxy });
      expect(ask).toThrow('the environment variable HTTPS_PROXY is not a proxy URL');
      expect(ask).not.toThrow('hush');
      expect(proxyFromEnvironment(new URL('https://h.example'), { HTTPS_PROXY: proxy, NO_PROXY: '*' })).toBeUndefined();
    },
  );
});

describe('through a proxy', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('uses the proxy of the environment, unless the kubeconfig has one', async () => {
    await using server = await startPlainServer((_request, response) => answerJson(response, {}));
    await using tunnel = await startTunnel(server.port);
    await using other = await startTunnel(server.port);
    vi.stubEnv('HTTPS_PROXY', tunnel.url);
    vi.stubEnv('NO_PROXY', '.cluster.local');
    // The server does not use TLS, so all fail in the end; only the proxy that was used matters here.
    const ask = async (host: string, proxyUrl?: string) => {
      const client = new ApiClient({ kubeConfig: far(`https://${host}:6443`, proxyUrl), userAgent: 'test' });
      const lane = client.lane({ maxConcurrentRequests: 1 });
      await client.request({ method: 'GET', path: '/version', retry: 'never' }).catch(() => undefined);
      await client.stream({ path: '/version' }).catch(() => undefined);
      await lane.request({ method: 'GET', path: '/version', retry: 'never' }).catch(() => undefined);
      await client.close();
    };
    await ask('api.far.example');
    expect(tunnel.asked).toEqual(Array(3).fill('CONNECT api.far.example:6443 HTTP/1.1'));
    await ask('api.cluster.local');
    expect(tunnel.asked).toHaveLength(3);
    await ask('api.far.example', other.url);
    expect(tunnel.asked).toHaveLength(3);
    expect(other.asked).toHaveLength(3);
  });

  it('uses HTTP_PROXY for a plain HTTP server, with an absolute URL', async () => {
    const asked: (string | undefined)[] = [];
    await using proxy = await startPlainServer((request, response) => {
      asked.push(request.url);
      answerJson(response, { apiVersion: 'v1', kind: 'Any', metadata: {} });
    });
    vi.stubEnv('HTTP_PROXY', `127.0.0.1:${proxy.port}`);
    const client = new ApiClient({ kubeConfig: far('http://api.far.example:8080'), userAgent: 'test' });
    await client.request({ method: 'GET', path: '/version' });
    await client.request({ method: 'GET', path: '/version' });
    for await (const _ of await client.stream({ path: '/stream' }));
    expect(asked).toEqual(['/version', '/version', '/stream'].map((path) => `http://api.far.example:8080${path}`));
    expect(proxy.connections.most).toBe(2);
    await client.close();
  });

  /** Only the proxy can resolve these names. */
  function far(server: string, proxyUrl?: string): KubeConfig {
    const config = new KubeConfig();
    const cluster = { name: 'far', server, skipTLSVerify: true, ...(proxyUrl && { proxyUrl }) };
    config.loadFromClusterAndUser(cluster, { name: 'me' });
    return config;
  }
});
