import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, KubeConfig } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { KubernetesObject } from '../../../operator/kubernetes-object.ts';
import { type FaultProxy, type ProxiedRequest, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import type { ApiClientOptions, RequestObservation } from '../../../operator/transport/api-client-types.ts';
import {
  type ApiError,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isNotFound,
} from '../../../operator/transport/api-error.ts';
import { TransportError } from '../../../operator/transport/transport-error.ts';
import { startTunnel } from './tunnel.ts';

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const SECRET = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

type ConfigMap = KubernetesObject & { data?: Record<string, string> };

let cluster: ControlPlane;
let proxy: FaultProxy;
let direct: ApiClient;
const clients: ApiClient[] = [];

beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  proxy = await startFaultProxy(cluster.kubeConfig);
  direct = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  await direct.create(CONFIG_MAP, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'fixture', namespace: 'default' },
  });
});

afterEach(async () => {
  proxy.clearRules();
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

afterAll(async () => {
  await direct?.close();
  await proxy?.stop();
  await cluster?.stop();
});

function proxied(options: Partial<ApiClientOptions> = {}): ApiClient {
  const client = new ApiClient({ kubeConfig: proxy.kubeConfig, userAgent: 'test', ...options });
  clients.push(client);
  return client;
}

let counter = 0;
function configMap(data: Record<string, string> = {}): ConfigMap & { metadata: { name: string } } {
  counter += 1;
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `cm-${counter}`, namespace: 'default' }, data };
}

/** 25 objects with the label page=yes. */
async function makePages(): Promise<void> {
  await Promise.all(
    Array.from({ length: 25 }, (_, i) =>
      direct.apply(
        CONFIG_MAP,
        {
          ...configMap(),
          metadata: { name: `page-${i}`, namespace: 'default', labels: { page: 'yes' } },
        },
        { fieldManager: 'test' },
      ),
    ),
  );
}

const isWrite = (request: ProxiedRequest) => request.method !== 'GET';

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('this should have failed');
}

async function timed<T>(promise: Promise<T>): Promise<{ value: T; ms: number }> {
  const started = performance.now();
  const value = await promise;
  return { value, ms: performance.now() - started };
}

/** Far below the 15 s that a request has by default, even on a busy machine. */
const SOON_MS = 5_000;

describe('against the real server', () => {
  it('creates, reads, patches, applies and deletes', async () => {
    const object = configMap({ a: '1' });
    const { name } = object.metadata;
    const created = await direct.create(CONFIG_MAP, object);
    expect(isAlreadyExists(await failure(direct.create(CONFIG_MAP, object)))).toBe(true);
    await direct.mergePatch(CONFIG_MAP, 'default', name, { data: { b: '2' } }, { fieldManager: 'm' });
    await direct.jsonPatch(CONFIG_MAP, 'default', name, [{ op: 'remove', path: '/data/a' }]);
    expect((await direct.get<ConfigMap>(CONFIG_MAP, 'default', name)).data).toEqual({ b: '2' });

    const stale = { uid: 'another', propagationPolicy: 'Background' } as const;
    expect(isConflict(await failure(direct.delete(CONFIG_MAP, 'default', name, stale)))).toBe(true);
    await direct.delete(CONFIG_MAP, 'default', name, { uid: created.metadata?.uid, propagationPolicy: 'Background' });
    const gone = await failure(direct.get(CONFIG_MAP, 'default', name));
    expect(isNotFound(gone)).toBe(true);
    expect(gone.message).toContain(`GET /api/v1/namespaces/default/configmaps/${name} returned 404 NotFound`);
  });

  it('applies: creates, conflicts with another field manager, forces, and stores nothing with dryRun', async () => {
    const object = configMap({ a: '1' });
    const { name } = object.metadata;
    await direct.apply(CONFIG_MAP, object, { fieldManager: 'one', dryRun: true });
    expect(isNotFound(await failure(direct.get(CONFIG_MAP, 'default', name)))).toBe(true);
    await direct.apply(CONFIG_MAP, object, { fieldManager: 'one' });
    const other = { ...object, data: { a: '2' } };
    const conflict = await failure(direct.apply(CONFIG_MAP, other, { fieldManager: 'two' }));
    expect(isConflict(conflict)).toBe(true);
    expect((conflict as ApiError).causes[0]?.field).toBe('.data.a');
    expect((await direct.apply(CONFIG_MAP, other, { fieldManager: 'two', force: true })).data).toEqual({ a: '2' });
    expect((await failure(direct.apply(CONFIG_MAP, { metadata: { name } }, { fieldManager: 'x' }))).message).toContain(
      'apiVersion, kind and metadata.name are required',
    );
  });

  it('loses no key of any name, in either direction', async () => {
    // What JSON.parse gives: own data properties, not a changed prototype.
    const data = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t","a":"b"}');
    const object = { ...configMap(), data };
    await direct.apply(CONFIG_MAP, object, { fieldManager: 'x' });
    const read = await direct.get<ConfigMap>(CONFIG_MAP, 'default', object.metadata.name);
    expect(Object.entries(read.data ?? {}).sort()).toEqual(Object.entries(data).sort());
    expect(Object.keys(read.data ?? {})).toContain('__proto__');
  });

  it('lists page by page at one resourceVersion', async () => {
    await makePages();
    const names: string[] = [];
    for await (const object of direct.list(CONFIG_MAP, {
      namespace: 'default',
      labelSelector: 'page=yes',
      limit: 10,
    })) {
      names.push(object.metadata?.name ?? '');
    }
    expect(new Set(names).size).toBe(25);
    const pages: number[] = [];
    for await (const page of direct.listPages(CONFIG_MAP, { labelSelector: 'page=yes', limit: 10 }))
      pages.push(page.items.length);
    expect(pages).toEqual([10, 10, 5]);
    const { items } = await direct.listAll(
      CONFIG_MAP,
      { labelSelector: 'page=yes', metadataOnly: true },
      (object: ConfigMap) => object,
    );
    expect(items[0]).not.toHaveProperty('data');
    expect(items).toHaveLength(25);
  });

  it('keeps secrets out of messages', async () => {
    const bad = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'Bad_Name', namespace: 'default' },
      stringData: { p: 'hush-hush' },
    };
    const invalid = await failure(direct.create(SECRET, bad));
    expect(isInvalid(invalid)).toBe(true);
    expect(`${invalid.message}${JSON.stringify(invalid)}`).not.toContain('hush-hush');
  });

  it('uses few connections for many requests, and watches take no slots', async () => {
    const client = proxied();
    const before = proxy.counters.connections;
    const watching = new AbortController();
    const path = '/api/v1/namespaces/default/configmaps';
    const query = { watch: true, timeoutSeconds: 60 };
    await Promise.all(Array.from({ length: 20 }, () => client.stream({ path, query, signal: watching.signal })));
    const watches = proxy.counters.connections - before;
    expect(watches).toBe(20);
    await Promise.all(Array.from({ length: 200 }, () => client.get(CONFIG_MAP, 'default', 'fixture')));
    const requests = proxy.counters.connections - before - watches;
    console.log(`200 GETs beside 20 watches opened ${requests} connections`);
    expect(requests).toBeLessThanOrEqual(16);
    watching.abort();
  });

  it('reports every attempt', async () => {
    const seen: RequestObservation[] = [];
    const client = proxied({ onRequest: (observation) => seen.push(observation) });
    proxy.rule({
      match: () => true,
      times: 1,
      fault: { kind: 'answer', status: 429, headers: { 'retry-after': '0' } },
    });
    await client.get(CONFIG_MAP, 'default', 'fixture');
    expect(seen.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`)).toEqual([
      'get configmaps 429',
      'get configmaps 200',
    ]);
    expect(seen[1]?.durationSeconds).toBeGreaterThan(0);
  });

  it('gets 403 for what RBAC does not grant', async () => {
    const nobody = new ApiClient({ kubeConfig: await cluster.kubeConfigFor({ name: 'nobody' }), userAgent: 'test' });
    clients.push(nobody);
    expect(isForbidden(await failure(nobody.get(CONFIG_MAP, 'default', 'fixture')))).toBe(true);
  });

  it('survives the restart of the server', async () => {
    await cluster.killApiServer();
    const refused = await failure(direct.get(CONFIG_MAP, 'default', 'fixture'));
    expect(refused).toBeInstanceOf(TransportError);
    expect((refused as TransportError).fate).toBe('not-sent');
    expect(refused.message).toContain('ECONNREFUSED');
    await cluster.startApiServer();
    await direct.get(CONFIG_MAP, 'default', 'fixture');
  });
});

describe('the connection to the server', () => {
  it.each([
    ['the kubeconfig', true],
    ['the environment', false],
  ])('goes through the proxy of %s, streams too', async (_whose, inKubeConfig) => {
    const server = new URL(cluster.kubeConfig.getCurrentCluster()?.server as string);
    await using tunnel = await startTunnel(Number(server.port));
    if (!inKubeConfig) vi.stubEnv('https_proxy', tunnel.url);
    const kubeConfig = changed({
      // Only the proxy can resolve this name.
      server: 'https://api.far.example:6443',
      tlsServerName: 'localhost',
      ...(inKubeConfig && { proxyUrl: tunnel.url }),
    });
    const client = new ApiClient({ kubeConfig, userAgent: 'test' });
    vi.unstubAllEnvs();
    await client.get(CONFIG_MAP, 'default', 'fixture');
    await client.get(CONFIG_MAP, 'default', 'fixture');
    const stream = await client.stream({ path: '/api/v1/configmaps', query: { watch: true } });
    expect(tunnel.asked).toEqual(Array(2).fill('CONNECT api.far.example:6443 HTTP/1.1'));
    stream.close();
    await client.close();
  });

  it('checks the name in the certificate, by tls-server-name where one is given', async () => {
    const wrong = new ApiClient({ kubeConfig: changed({ tlsServerName: 'wrong.example' }), userAgent: 'test' });
    const right = new ApiClient({ kubeConfig: changed({ tlsServerName: 'localhost' }), userAgent: 'test' });
    clients.push(wrong, right);
    const error = await failure(wrong.request({ method: 'GET', path: '/readyz' }));
    expect(error.message).toContain('wrong.example');
    expect((error as TransportError).fate).toBe('not-sent');
    expect(await right.request({ method: 'GET', path: '/readyz', accept: 'text/plain' })).toBe('ok');
  });

  it('checks the authority of the certificate unless disabled', async () => {
    const stranger = new ApiClient({ kubeConfig: changed({ caData: undefined }), userAgent: 'test' });
    const careless = new ApiClient({
      kubeConfig: changed({ caData: undefined, skipTLSVerify: true }),
      userAgent: 'test',
    });
    clients.push(stranger, careless);
    expect((await failure(stranger.request({ method: 'GET', path: '/readyz' }))).message).toMatch(/certificate/);
    expect(await careless.request({ method: 'GET', path: '/readyz', accept: 'text/plain' })).toBe('ok');
  });

  function changed(differences: Partial<Cluster>): KubeConfig {
    const { clusters, users, contexts, currentContext } = cluster.kubeConfig;
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: clusters.map((one) => ({ ...one, ...differences })),
      users,
      contexts,
      currentContext,
    });
    return config;
  }
});

describe('deadlines', () => {
  it('hold without an answer', async () => {
    const client = proxied({ requestTimeoutMs: 1_500 });
    proxy.rule({ match: () => true, fault: { kind: 'black-hole' } });
    const { value, ms } = await timed(failure(client.create(CONFIG_MAP, configMap())));
    expect(value).toBeInstanceOf(TransportError);
    expect((value as TransportError).timedOut).toBe(true);
    expect(value.message).toMatch(
      /within 1500 ms while waiting for the response; the server may still have carried it out/,
    );
    expect(ms).toBeLessThan(SOON_MS);
  });

  it('hold when the body never ends', async () => {
    const client = proxied({ requestTimeoutMs: 1_500 });
    proxy.rule({ match: () => true, fault: { kind: 'stall-after-lines', lines: 0 } });
    const { value, ms } = await timed(failure(client.get(CONFIG_MAP, 'default', 'fixture')));
    expect(value.message).toContain('while reading the response');
    expect(ms).toBeLessThan(SOON_MS);
  });

  it('hold while queueing behind other requests, which are not affected', async () => {
    const client = proxied({ maxConcurrentRequests: 1 });
    proxy.rule({ match: () => true, times: 1, fault: { kind: 'delay', ms: 2_000 } });
    let answered = false;
    const first = client.get(CONFIG_MAP, 'default', 'fixture').finally(() => {
      answered = true;
    });
    const error = await failure(client.get(CONFIG_MAP, 'default', 'fixture', { timeoutMs: 100 }));
    expect(error.message).toContain('waiting for a free request slot');
    expect(answered).toBe(false);
    await first;
    await client.get(CONFIG_MAP, 'default', 'fixture');
  });

  it('hold while connecting to a host that swallows packets', async () => {
    // A listener whose backlog is never accepted from still completes TCP, so TLS is what never comes about.
    const silent: Server = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: 'x', server: `https://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: 'x', token: 't' },
    );
    const client = new ApiClient({ kubeConfig: config, userAgent: 'test', requestTimeoutMs: 300 });
    const { value, ms } = await timed(failure(client.request({ method: 'GET', path: '/readyz' })));
    expect(value.message).toContain('while connecting');
    expect((value as TransportError).fate).toBe('not-sent');
    expect(ms).toBeLessThan(SOON_MS);
    await client.close();
    silent.close();
  });

  it('are overridden by the signal of the caller', async () => {
    const client = proxied();
    proxy.rule({ match: () => true, fault: { kind: 'black-hole' } });
    const reason = new Error('changed my mind');
    const error = await failure(
      client.get(CONFIG_MAP, 'default', 'fixture', { signal: AbortSignal.any([abortSoon(reason)]) }),
    );
    expect(error).toBe(reason);
  });

  it('close() aborts everything in flight and rejects further calls', async () => {
    const client = proxied();
    proxy.rule({ match: () => true, fault: { kind: 'black-hole' } });
    const pending = failure(client.get(CONFIG_MAP, 'default', 'fixture'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { ms } = await timed(client.close({ deadlineMs: 2 * SOON_MS }));
    expect((await pending).message).toContain('the client was closed');
    expect(ms).toBeLessThan(SOON_MS);
    expect((await failure(client.get(CONFIG_MAP, 'default', 'fixture'))).message).toContain('the client is closed');
    await client.close();
  });
});

function abortSoon(reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 50);
  return controller.signal;
}

describe('retries', () => {
  it('wait for the Retry-After of a 429', async () => {
    const client = proxied();
    proxy.rule({
      match: () => true,
      times: 1,
      fault: { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
    });
    const { ms } = await timed(client.create(CONFIG_MAP, configMap()));
    expect(ms).toBeGreaterThanOrEqual(1_000);
    expect(ms).toBeLessThan(SOON_MS);
  });

  it('do not wait beyond the deadline', async () => {
    const client = proxied({ requestTimeoutMs: 2 * SOON_MS });
    proxy.rule({ match: () => true, fault: { kind: 'answer', status: 429, headers: { 'retry-after': '30' } } });
    const { value, ms } = await timed(failure(client.get(CONFIG_MAP, 'default', 'fixture')));
    expect((value as ApiError).status).toBe(429);
    expect((value as ApiError).retryAfterSeconds).toBe(30);
    expect(value.message).toContain('Retry-After of 30 s exceeds the deadline of 10000 ms');
    expect(ms).toBeLessThan(SOON_MS);
  });

  it('repeat an apply whose answer was lost', async () => {
    const client = proxied();
    const rule = proxy.rule({ match: isWrite, times: 1, fault: { kind: 'cut-after-commit' } });
    const object = configMap({ a: '1' });
    expect((await client.apply(CONFIG_MAP, object, { fieldManager: 'x' })).data).toEqual({ a: '1' });
    expect(rule.fired).toBe(1);
  });

  it('repeat a delete with a uid whose answer was lost', async () => {
    const client = proxied();
    const { metadata } = await client.create(CONFIG_MAP, configMap());
    proxy.rule({ match: isWrite, times: 1, fault: { kind: 'cut-before' } });
    await client.delete(CONFIG_MAP, 'default', metadata.name, { uid: metadata.uid as string });
    expect(isNotFound(await failure(direct.get(CONFIG_MAP, 'default', metadata.name)))).toBe(true);
  });

  it.each(['cut-before', 'cut-after-commit'] as const)(
    'never repeat a create whose fate is unknown (%s)',
    async (kind) => {
      const client = proxied();
      const mark = proxy.log.length;
      proxy.rule({ match: isWrite, times: 1, fault: { kind } });
      const object = configMap();
      const error = await failure(client.create(CONFIG_MAP, object));
      expect(error).toBeInstanceOf(TransportError);
      expect((error as TransportError).fate).toBe('unknown');
      expect(proxy.log.slice(mark).filter(isWrite)).toHaveLength(1);
      const exists = await direct.get(CONFIG_MAP, 'default', object.metadata.name).then(
        () => true,
        () => false,
      );
      expect(exists).toBe(kind === 'cut-after-commit');
    },
  );

  it('repeat a read over a broken connection', async () => {
    const client = proxied();
    proxy.rule({ match: () => true, times: 2, fault: { kind: 'cut-before' } });
    await client.get(CONFIG_MAP, 'default', 'fixture');
  });

  it('start a list over when it expires between two pages', async () => {
    await makePages();
    const client = proxied();
    const rule = proxy.rule({
      match: (r) => r.query.has('continue'),
      times: 1,
      fault: { kind: 'answer', status: 410 },
    });
    const names = await client.listAll(
      CONFIG_MAP,
      { labelSelector: 'page=yes', limit: 10 },
      (object) => object.metadata?.name,
    );
    expect(rule.fired).toBe(1);
    expect(names.items).toHaveLength(25);
    expect(new Set(names.items).size).toBe(25);
  });
});

describe('credentials', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'transport-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  /** Plays a server that knows one token only. */
  function accept(token: () => string) {
    const wrong = (request: ProxiedRequest) => request.headers.authorization !== `Bearer ${token()}`;
    return proxy.rule({ match: wrong, fault: { kind: 'answer', status: 401 } });
  }

  it('are read again from a token file at once after a 401, for every verb', async () => {
    const file = join(dir, 'token');
    let valid = 'one';
    await writeFile(file, 'one\n');
    const client = proxied({
      kubeConfig: proxy.kubeConfigFor({ authProvider: { name: 'tokenFile', config: { tokenFile: file } } }),
    });
    const refused = accept(() => valid);
    await client.get(CONFIG_MAP, 'default', 'fixture');
    expect(refused.fired).toBe(0);
    valid = 'two';
    await writeFile(file, 'two\n');
    await client.create(CONFIG_MAP, configMap());
    expect(refused.fired).toBe(1);
    valid = 'three';
    await writeFile(file, 'three\n');
    const stream = await client.stream({ path: '/api/v1/namespaces/default/configmaps', query: { watch: true } });
    stream.close();
    expect(refused.fired).toBe(2);
  });

  it('are read again without a 401 when they are old', async () => {
    const file = join(dir, 'rotated');
    await writeFile(file, 'one');
    const client = proxied({
      kubeConfig: proxy.kubeConfigFor({ authProvider: { name: 'tokenFile', config: { tokenFile: file } } }),
      credentialsTtlMs: 50,
    });
    await client.get(CONFIG_MAP, 'default', 'fixture');
    await writeFile(file, 'two');
    await new Promise((resolve) => setTimeout(resolve, 60));
    const refused = accept(() => 'two');
    await client.get(CONFIG_MAP, 'default', 'fixture');
    expect(refused.fired).toBe(0);
  });

  it('that stay invalid cause one retry and a 401, not a loop', async () => {
    const client = proxied({ kubeConfig: proxy.kubeConfigFor({ token: 'wrong' }) });
    const refused = accept(() => 'right');
    const error = await failure(client.get(CONFIG_MAP, 'default', 'fixture'));
    expect((error as ApiError).status).toBe(401);
    expect(error.message).not.toContain('wrong');
    expect(refused.fired).toBe(2);
  });

  it('come from an exec plugin once, and again when they have expired or are refused', async () => {
    const count = join(dir, 'count');
    const plugin = join(dir, 'plugin.sh');
    await writeFile(
      plugin,
      `#!/bin/sh
echo x >> ${count}
n=$(wc -l < ${count} | tr -d ' ')
case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) exit 1 ;; esac
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t%s"}}' "$n"
`,
      { mode: 0o755 },
    );
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin };
    const client = proxied({ kubeConfig: proxy.kubeConfigFor({ exec }) });
    let valid = 't1';
    const refused = accept(() => valid);
    await Promise.all(Array.from({ length: 20 }, () => client.get(CONFIG_MAP, 'default', 'fixture')));
    expect(refused.fired).toBe(0);
    valid = 't2';
    // All are refused together; the plugin runs once for all of them.
    await Promise.all(Array.from({ length: 10 }, () => client.get(CONFIG_MAP, 'default', 'fixture')));
    expect(refused.fired).toBeLessThanOrEqual(10);
    expect((await readFile(count, 'utf8')).length / 2).toBe(2);
  });

  it('whose plugin fails are named in the error', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: join(dir, 'missing') };
    const client = proxied({ kubeConfig: proxy.kubeConfigFor({ exec }) });
    const error = await failure(client.get(CONFIG_MAP, 'default', 'fixture'));
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toContain('no credentials');
  });

  it('with a new client certificate use new connections while old ones finish', async () => {
    const rotating = await cluster.kubeConfigFor({ name: 'rotating', groups: ['system:masters'] });
    const other = await cluster.kubeConfigFor({ name: 'rotated', groups: ['system:masters'] });
    const client = new ApiClient({ kubeConfig: rotating, userAgent: 'test', credentialsTtlMs: 0 });
    clients.push(client);
    const review = {
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'SelfSubjectReview',
      plural: 'selfsubjectreviews',
      namespaced: false,
    };
    const who = async () =>
      (
        await client.create(review, {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'SelfSubjectReview',
        } as KubernetesObject & { status?: { userInfo: { username: string } } })
      ).status?.userInfo.username;
    expect(await who()).toBe('rotating');
    const watch = await client.stream({
      path: '/api/v1/namespaces/default/configmaps',
      query: { watch: true, timeoutSeconds: 30 },
    });
    Object.assign(rotating.users[0] as object, other.users[0], { name: rotating.users[0]?.name });
    expect(await who()).toBe('rotated');
    // The watch of before still lives.
    for await (const chunk of watch) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    watch.close();
  });
});
