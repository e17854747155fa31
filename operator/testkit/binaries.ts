import { constants } from 'node:fs';
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type BinaryName, binarySpec } from './binary-catalog.ts';
import { type BinarySpec, currentPlatform, defaultSources, type Platform, type Sources } from './binary-spec.ts';
import { withLock } from './cache-lock.ts';
import { DownloadError, downloadBinary } from './download.ts';
import { buildBinary } from './go-build.ts';

export type { BinaryName } from './binary-catalog.ts';

/** A step of installing a missing binary. */
export interface Progress {
  /** `fallback`: the download failed, a build is next. `waiting`: another process is installing binaries. */
  kind: 'download' | 'fallback' | 'build' | 'installed' | 'waiting';
  binary: string;
  /** Number of missing binaries, including this one. */
  remaining: number;
  /** For `build`: seconds a first build usually takes on two cores. */
  usualSeconds?: number;
  /** The step as a sentence. */
  message: string;
}

export interface EnsureBinariesOptions {
  /** Default: the messages go to standard error. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** The environment to look in. Default: `process.env`. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Aborts a download or a build. */
  signal?: AbortSignal | undefined;
  /** Mirrors to download from. */
  sources?: Partial<Sources> | undefined;
}

/**
 * A binary can neither be found, downloaded nor built. The message lists what was tried and the remedies.
 *
 * @example
 * ```ts
 * if (error instanceof BinariesError) console.error(error.message); // what was tried, and what helps
 * ```
 */
export class BinariesError extends Error {
  override readonly name = 'BinariesError';
}

/**
 * Finds the binaries of a control plane and installs missing ones. Each is searched for separately, in this order:
 * 1. the folders `$CONTROL_PLANE_ASSETS` and `$KUBEBUILDER_ASSETS` (kubectl also on `PATH`),
 * 2. the user's cache folder (`$CONTROL_PLANE_CACHE` names another),
 * 3. the official release, checked against its SHA-256 (`CONTROL_PLANE_DOWNLOAD=off` skips this),
 * 4. a Go build from the modules pinned in `go/`.
 * 3 and 4 install into the cache. Several processes may call this at the same time; one installs, the others wait.
 *
 * @returns absolute paths by name
 * @throws BinariesError when a binary cannot be installed; the signal's reason when aborted
 */
export function ensureBinaries<Name extends BinaryName>(
  names: readonly Name[],
  options: EnsureBinariesOptions = {},
): Promise<Map<Name, string>> {
  const env = options.env ?? process.env;
  const sources = { ...defaultSources(env), ...options.sources };
  const platform = currentPlatform();
  const specs = names.map((name) => binarySpec(name, platform, sources) as BinarySpec<Name>);
  return ensureSpecs(specs, platform, options);
}

/** {@link ensureBinaries} for any binaries. */
export async function ensureSpecs<Name extends string>(
  specs: readonly BinarySpec<Name>[],
  platform: Platform,
  options: EnsureBinariesOptions,
): Promise<Map<Name, string>> {
  const env = options.env ?? process.env;
  const cache = cacheFolder(env);
  const found = new Map<Name, string>();
  const lookForAll = async () => {
    for (const spec of specs) {
      const path = found.get(spec.name) ?? (await lookUp(spec, platform, env, cache));
      if (path !== undefined) found.set(spec.name, path);
    }
    return specs.filter(({ name }) => !found.has(name));
  };
  let missing = await lookForAll();
  const [first] = missing;
  if (first === undefined) return found;

  const tell = options.onProgress ?? ((progress) => process.stderr.write(`[testkit] ${progress.message}\n`));
  const onWait = (pid: number) =>
    tell({
      kind: 'waiting',
      binary: first.name,
      remaining: missing.length,
      message: `waiting for process ${pid}, which is installing binaries`,
    });
  const work = async () => {
    // The other process may have installed the same ones.
    missing = await lookForAll();
    const run = new Installation(platform, env, cache, tell, options.signal);
    for (const [index, spec] of missing.entries()) {
      found.set(spec.name, await run.install(spec, missing.length - index));
    }
  };
  await withLock(join(cache, 'lock'), onWait, work, options.signal);
  return found;
}

/** One run of installing binaries; only one at a time uses a cache. */
class Installation {
  readonly #platform: Platform;
  readonly #env: NodeJS.ProcessEnv;
  readonly #cache: string;
  readonly #tell: (progress: Progress) => void;
  readonly #signal: AbortSignal | undefined;
  /** Hosts that did not answer, with the reason: they are not tried again for each binary. */
  readonly #unreachable = new Map<string, string>();

  constructor(
    platform: Platform,
    env: NodeJS.ProcessEnv,
    cache: string,
    tell: (progress: Progress) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#platform = platform;
    this.#env = env;
    this.#cache = cache;
    this.#tell = tell;
    this.#signal = signal;
  }

  async install(spec: BinarySpec, remaining: number): Promise<string> {
    const path = cachedPath(this.#cache, spec, this.#platform);
    await mkdir(dirname(path), { recursive: true });
    await removeParts(dirname(path));
    const failures: string[] = [];
    for (const way of [this.#download, this.#build]) {
      const failure = await way.call(this, spec, path, remaining);
      if (failure === undefined) {
        this.#tell({
          kind: 'installed',
          binary: spec.name,
          remaining: remaining - 1,
          message: `installed ${spec.name} in ${path}`,
        });
        return path;
      }
      failures.push(failure);
    }
    throw new BinariesError(explain(spec, this.#platform, this.#env, path, failures));
  }

  async #download(spec: BinarySpec, path: string, remaining: number): Promise<string | undefined> {
    const { download } = spec;
    if (download === undefined) return 'download: no binary is released';
    if (this.#env.CONTROL_PLANE_DOWNLOAD === 'off') return 'download: turned off by CONTROL_PLANE_DOWNLOAD';
    const known = [download.url, download.checksum.url]
      .map((url) => this.#unreachable.get(new URL(url).origin))
      .find(Boolean);
    let failure = known;
    if (failure === undefined) {
      const what = { binary: spec.name, remaining };
      this.#tell({
        kind: 'download',
        ...what,
        message: `downloading ${spec.name} (${remaining} to go): ${download.url}`,
      });
      try {
        await downloadBinary(download, path, this.#signal);
        return undefined;
      } catch (error) {
        this.#signal?.throwIfAborted();
        failure = error instanceof Error ? error.message : String(error);
        if (error instanceof DownloadError && error.unreachable) {
          this.#unreachable.set(new URL(error.url).origin, failure);
        }
        if (spec.build !== undefined) {
          this.#tell({
            kind: 'fallback',
            ...what,
            message: `could not download ${spec.name} (${failure}); building it`,
          });
        }
      }
    }
    return `download: ${failure}`;
  }

  async #build(spec: BinarySpec, path: string, remaining: number): Promise<string | undefined> {
    const { build } = spec;
    if (build === undefined) return 'Go build: not possible for this binary';
    const { usualSeconds } = build;
    this.#tell({
      kind: 'build',
      binary: spec.name,
      remaining,
      usualSeconds,
      message: `building ${spec.name} with Go (${remaining} to go); a first build usually takes ${duration(usualSeconds)}`,
    });
    try {
      await buildBinary(build, path, this.#env, this.#signal);
      return undefined;
    } catch (error) {
      this.#signal?.throwIfAborted();
      return `Go build: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

/** The folder that holds what was downloaded or built: that of the operating system for caches of this user. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.CONTROL_PLANE_CACHE) return env.CONTROL_PLANE_CACHE;
  const home = env.HOME || homedir();
  const caches =
    env.XDG_CACHE_HOME || (process.platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache'));
  return join(caches, 'k8s-operator-testkit');
}

function cachedPath(cache: string, spec: BinarySpec, { os, arch }: Platform): string {
  return join(cache, `${spec.release}-${os}-${arch}`, spec.name);
}

function assetFolders(env: NodeJS.ProcessEnv): string[] {
  return [env.CONTROL_PLANE_ASSETS, env.KUBEBUILDER_ASSETS].filter(
    (folder) => folder !== undefined && folder !== '',
  ) as string[];
}

async function lookUp(
  spec: BinarySpec,
  platform: Platform,
  env: NodeJS.ProcessEnv,
  cache: string,
): Promise<string | undefined> {
  const folders = assetFolders(env);
  if (spec.fromPath) folders.push(...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''));
  for (const path of [...folders.map((folder) => join(folder, spec.name)), cachedPath(cache, spec, platform)]) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Missing, or not executable: try the next.
    }
  }
  return undefined;
}

/** Removes what a killed run left. This process holds the lock, so no other one writes there. */
async function removeParts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/\.part(\.files)?$/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function duration(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function explain(
  spec: BinarySpec,
  { os, arch }: Platform,
  env: NodeJS.ProcessEnv,
  path: string,
  failures: string[],
): string {
  const tried = [
    ...(['CONTROL_PLANE_ASSETS', 'KUBEBUILDER_ASSETS'] as const).map((name) =>
      env[name] ? `$${name}: no ${spec.name} in ${env[name]}` : `$${name}: not set`,
    ),
    ...(spec.fromPath ? ['PATH: not there'] : []),
    `cache: no ${path}`,
    ...failures,
  ];
  const remedies = [
    `put ${spec.name} into a folder and name that in CONTROL_PLANE_ASSETS`,
    ...(spec.download ? [`let this machine reach ${new URL(spec.download.url).host}`] : []),
    ...(spec.build ? ['install Go 1.26 or later (https://go.dev/dl; it needs a Go module proxy)'] : []),
  ];
  return [
    `cannot get ${spec.name} (${spec.release}, ${os}-${arch}). Tried:`,
    ...tried.map((line) => `- ${line}`),
    `What helps: ${remedies.join('; or ')}.`,
  ].join('\n');
}
