import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cacheFolder, ensureSpecs } from '../../../operator/testkit/binaries.ts';
import { type BinarySpec, currentPlatform } from '../../../operator/testkit/binary-spec.ts';
import {
  BinariesError,
  type EnsureBinariesOptions,
  ensureBinaries,
  type Progress,
  versions,
} from '../../../operator/testkit/index.ts';
import { identify } from '../../../operator/testkit/process-identity.ts';
import { runProgram } from '../../../operator/testkit/run-program.ts';

// The first build compiles Go's standard library; on a busy machine that has taken 40 s.
vi.setConfig({ testTimeout: 300_000 });

const { os, arch } = currentPlatform();
let folder: string;
let cache: string;
let env: NodeJS.ProcessEnv;
let progress: Progress[];
let options: EnsureBinariesOptions;
const servers: { close(): unknown }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testkit-binaries-'));
  cache = join(folder, 'cache');
  // PATH without Go and without kubectl, and nothing to download: each test adds what it is about.
  env = { HOME: folder, PATH: '/nowhere', CONTROL_PLANE_CACHE: cache, CONTROL_PLANE_DOWNLOAD: 'off' };
  progress = [];
  options = { env, onProgress: (event) => progress.push(event) };
});

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true });
});

const kinds = () => progress.map((event) => event.kind);

async function program(path: string, text = '#!/bin/sh\n', mode = 0o755): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

async function serve(files: Record<string, string | Buffer>, requests: string[] = []): Promise<string> {
  const server: Server = createHttpServer((request, response) => {
    requests.push(request.url ?? '');
    const body = files[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

// --- where a binary is looked for

test('each binary is searched in the assets folders, then in the cache', async () => {
  const [own, envtest] = [join(folder, 'own'), join(folder, 'envtest')];
  env.CONTROL_PLANE_ASSETS = own;
  env.KUBEBUILDER_ASSETS = envtest;
  const cached = join(cache, `kubernetes-${versions.kubernetes}-${os}-${arch}`);
  await program(join(own, 'etcd'));
  await program(join(own, 'kube-apiserver'), '', 0o644);
  await program(join(envtest, 'etcd'));
  await program(join(envtest, 'kube-apiserver'));
  await program(join(cached, 'kube-apiserver'));
  await program(join(cached, 'kube-scheduler'));
  const found = await ensureBinaries(['etcd', 'kube-apiserver', 'kube-scheduler'], options);
  expect(Object.fromEntries(found)).toEqual({
    etcd: join(own, 'etcd'),
    // Not from the first folder: what is there is no program.
    'kube-apiserver': join(envtest, 'kube-apiserver'),
    'kube-scheduler': join(cached, 'kube-scheduler'),
  });
  expect(progress).toEqual([]);
});

test('only kubectl may come from PATH, after the assets folders', async () => {
  const bin = join(folder, 'bin');
  env.PATH = ['/nowhere', bin].join(delimiter);
  await program(join(bin, 'kubectl'));
  await program(join(bin, 'etcd'));
  expect((await ensureBinaries(['kubectl'], options)).get('kubectl')).toBe(join(bin, 'kubectl'));
  await expect(ensureBinaries(['etcd'], options)).rejects.toThrow(BinariesError);
  env.KUBEBUILDER_ASSETS = join(folder, 'envtest');
  await program(join(folder, 'envtest', 'kubectl'));
  expect((await ensureBinaries(['kubectl'], options)).get('kubectl')).toBe(join(folder, 'envtest', 'kubectl'));
});

test('the cache is in the cache folder of the system', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/k8s-operator-testkit');
  const place = process.platform === 'darwin' ? '/h/Library/Caches' : '/h/.cache';
  expect(cacheFolder({ HOME: '/h' })).toBe(`${place}/k8s-operator-testkit`);
});

test('the error lists what was tried and the remedies', async () => {
  env.CONTROL_PLANE_ASSETS = '/my/assets';
  delete env.CONTROL_PLANE_DOWNLOAD;
  const url = await serve({});
  const error = await ensureBinaries(['kube-apiserver'], { ...options, sources: { kubernetes: url } }).catch((e) => e);
  expect(error).toBeInstanceOf(BinariesError);
  expect(error.message).toContain(`cannot get kube-apiserver (kubernetes-${versions.kubernetes}, ${os}-${arch})`);
  expect(error.message).toContain('$CONTROL_PLANE_ASSETS: no kube-apiserver in /my/assets');
  expect(error.message).toContain('$KUBEBUILDER_ASSETS: not set');
  expect(error.message).toContain(`cache: no ${cache}`);
  expect(error.message).toMatch(/download: HTTP 404 \(http.*kube-apiserver\.sha256\)/);
  expect(error.message).toContain('Go build: go is not on PATH');
  expect(error.message).toContain('What helps: put kube-apiserver into a folder');
  expect(error.message).toContain('install Go');
});

// --- downloads

test('a release with the right checksum is downloaded once and kept', async () => {
  delete env.CONTROL_PLANE_DOWNLOAD;
  const path = `/v${versions.kubernetes}/bin/${os}/${arch}/kube-scheduler`;
  const requests: string[] = [];
  const url = await serve(
    { [path]: '#!/bin/sh\necho hello', [`${path}.sha256`]: sha256('#!/bin/sh\necho hello') },
    requests,
  );
  env.CONTROL_PLANE_KUBERNETES_URL = url;
  const binary = (await ensureBinaries(['kube-scheduler'], options)).get('kube-scheduler') as string;
  expect(binary).toBe(join(cache, `kubernetes-${versions.kubernetes}-${os}-${arch}`, 'kube-scheduler'));
  expect((await runProgram(binary, [])).stdout).toBe('hello\n');
  expect(kinds()).toEqual(['download', 'installed']);
  expect((await ensureBinaries(['kube-scheduler'], options)).get('kube-scheduler')).toBe(binary);
  expect(requests).toEqual([`${path}.sha256`, path]);
  expect(await readdir(join(binary, '..'))).toEqual(['kube-scheduler']);
});

test('a download with a wrong checksum is rejected and removed', async () => {
  delete env.CONTROL_PLANE_DOWNLOAD;
  const path = `/v${versions.kubernetes}/bin/${os}/${arch}/kube-scheduler`;
  const url = await serve({ [path]: 'changed on the way', [`${path}.sha256`]: sha256('as published') });
  const start = ensureBinaries(['kube-scheduler'], { ...options, sources: { kubernetes: url } });
  await expect(start).rejects.toThrow(/wrong checksum: SHA-256 is .* published is/);
  expect(await readdir(join(cache, `kubernetes-${versions.kubernetes}-${os}-${arch}`))).toEqual([]);
});

test('etcd is extracted from its archive and checked against the list of checksums', async () => {
  delete env.CONTROL_PLANE_DOWNLOAD;
  const name = `etcd-v${versions.etcd}-${os}-${arch}`;
  await program(join(folder, name, 'etcd'), '#!/bin/sh\necho etcd');
  const file = `${name}.${os === 'linux' ? 'tar.gz' : 'zip'}`;
  expect((await runProgram('tar', ['-czf', file, name], { cwd: folder })).exitCode).toBe(0);
  const archive = await readFile(join(folder, file));
  const base = `/v${versions.etcd}`;
  const sums = `${sha256('other')}  etcd-v${versions.etcd}-plan9-amd64.tar.gz\n${sha256(archive)}  ${file}\n`;
  env.PATH = process.env.PATH;
  const url = await serve({ [`${base}/SHA256SUMS`]: sums, [`${base}/${file}`]: archive });
  const found = await ensureBinaries(['etcd'], { ...options, sources: { etcd: url } });
  expect((await runProgram(found.get('etcd') as string, [])).stdout).toBe('etcd\n');
  expect(await readdir(join(cache, `etcd-${versions.etcd}-${os}-${arch}`))).toEqual(['etcd']);
});

test("KWOK is checked by the digest in GitHub's description of the release", async () => {
  delete env.CONTROL_PLANE_DOWNLOAD;
  const asset = `kwok-${os}-${arch}`;
  const release = (digest: string) => JSON.stringify({ assets: [{ name: 'other' }, { name: asset, digest }] });
  const base = `/v${versions.kwok}`;
  const files: Record<string, string> = {
    [`/api${base}`]: release(`sha256:${sha256('evil')}`),
    [`/dl${base}/${asset}`]: '#!/bin/sh\n',
  };
  const url = await serve(files);
  const sources = { kwok: `${url}/dl`, kwokChecksums: `${url}/api` };
  await expect(ensureBinaries(['kwok'], { ...options, sources })).rejects.toThrow('wrong checksum');
  files[`/api${base}`] = release(`sha256:${sha256('#!/bin/sh\n')}`);
  const found = await ensureBinaries(['kwok'], { ...options, sources });
  expect(found.get('kwok')).toBe(join(cache, `kwok-${versions.kwok}-${os}-${arch}`, 'kwok'));
});

// --- Go builds and the lock, with a module that builds in a second

async function tinyModule(): Promise<BinarySpec<'tiny'>> {
  const moduleFolder = join(folder, 'tiny');
  await mkdir(moduleFolder);
  await writeFile(join(moduleFolder, 'go.mod'), 'module tiny\n\ngo 1.24\n');
  env.PATH = process.env.PATH;
  // Go leaves a process behind that writes telemetry into the home folder, at times after this test has removed its own.
  env.HOME = process.env.HOME;
  env.GOCACHE = join(tmpdir(), 'testkit-tiny-go-cache');
  // A small program out of the Go distribution, so that nothing is downloaded.
  const build = { moduleFolder, package: 'cmd/test2json', ldflags: '-s -w', usualSeconds: 1 };
  return { name: 'tiny', release: 'tiny-1', fromPath: false, build };
}

test('a black hole in place of the download server costs a few seconds, once; then Go builds', async () => {
  const spec = await tinyModule();
  delete env.CONTROL_PLANE_DOWNLOAD;
  // Takes connections and never says a word.
  const server = createTcpServer((socket) => socket.on('error', () => {}));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const download = { url: `${url}/x`, checksum: { url: `${url}/x.sha256`, format: 'sha256sum', entry: 'x' } } as const;
  const specs = [
    { ...spec, download },
    { ...spec, name: 'tiny2' as const, download },
  ];
  const times: Record<string, number> = {};
  const found = await ensureSpecs(specs, currentPlatform(), {
    env,
    onProgress: (event) => {
      progress.push(event);
      times[`${event.kind} ${event.binary}`] = Date.now();
    },
  });
  expect(kinds()).toEqual(['download', 'fallback', 'build', 'installed', 'build', 'installed']);
  expect(progress[1]?.message).toContain('no answer within 4 s');
  expect(progress[2]).toMatchObject({ binary: 'tiny', remaining: 2, usualSeconds: 1 });
  // Far below the minutes that it would take to wait for each byte that does not come.
  expect((times['build tiny'] ?? 0) - (times['download tiny'] ?? 0)).toBeLessThan(30_000);
  expect((await runProgram(found.get('tiny') as string, ['-h'])).stderr).toContain('usage: go tool test2json');
  expect(await readdir(join(folder, 'tiny'))).toEqual(['go.mod']);
});

test('a failing build reports the output of Go', async () => {
  const spec = await tinyModule();
  const broken = { ...spec, build: { ...spec.build, package: 'no/such/package' } } as BinarySpec<'tiny'>;
  await expect(ensureSpecs([broken], currentPlatform(), options)).rejects.toThrow(
    /go build failed:[\s\S]*no\/such\/package/,
  );
});

test('of two processes one builds and the other reports that it waits', async () => {
  const spec = await tinyModule();
  const [one, two] = await Promise.all([
    ensureSpecs([spec], currentPlatform(), options),
    ensureSpecs([spec], currentPlatform(), options),
  ]);
  expect(one).toEqual(two);
  expect(kinds().sort()).toEqual(['build', 'installed', 'waiting']);
  expect(progress.find((event) => event.kind === 'waiting')?.message).toContain(`process ${process.pid}`);
  expect((await readdir(cache)).sort()).toEqual([`tiny-1-${os}-${arch}`]);
});

test('the lock of a dead process is taken over, by one of several waiters at a time', async () => {
  const spec = await tinyModule();
  const self = identify(process.pid);
  // Half a binary and a half-read archive of the one that died.
  await mkdir(join(cache, `tiny-1-${os}-${arch}`, 'other.part.files'), { recursive: true });
  await writeFile(join(cache, `tiny-1-${os}-${arch}`, 'other.part'), '');
  // The same number with another start time: the process that had it is dead.
  await writeFile(join(cache, 'lock'), JSON.stringify({ ...self, started: 'earlier', token: 'dead' }));
  await Promise.all([1, 2, 3].map(() => ensureSpecs([spec], currentPlatform(), options)));
  expect(kinds().filter((kind) => kind === 'build')).toHaveLength(1);
  expect(await readdir(join(cache, `tiny-1-${os}-${arch}`))).toEqual(['tiny']);
});

test('waiting for the lock of a running process can be aborted', async () => {
  const spec = await tinyModule();
  await mkdir(cache);
  await writeFile(join(cache, 'lock'), JSON.stringify({ ...identify(process.pid), token: 'alive' }));
  const waiting = new AbortController();
  const onProgress = (event: Progress) => {
    progress.push(event);
    waiting.abort();
  };
  const start = ensureSpecs([spec], currentPlatform(), { ...options, onProgress, signal: waiting.signal });
  await expect(start).rejects.toThrow(/abort/i);
  expect(kinds()).toEqual(['waiting']);
  expect(await readdir(cache)).toEqual(['lock']);
});
