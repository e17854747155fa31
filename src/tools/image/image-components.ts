import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ImageFiles } from '../../../operator/testkit/image.ts';
import { packageRoot } from '../../package/package-root.ts';
import { type DebianPackage, debianPackages } from '../supply-chain/debian-packages.ts';
import type { Lockfile } from '../supply-chain/lockfile.ts';
import { distribution, type SbomComponent } from '../supply-chain/sbom.ts';
import { RUNTIME_PROGRAM, type Runtime, runtimePackage } from './runtime.ts';

/** What is in an image besides the bundle. */
export interface ImageComponents {
  /** For its software bill of materials. */
  components: SbomComponent[];
  /** Files with the licenses of these components. */
  licenses: ImageFiles;
}

/** By which databases of vulnerabilities name the runtimes. */
const CPE: Record<Runtime, string> = { node: 'nodejs:node.js', deno: 'deno:deno' };

/**
 * Describes the files of a runtime in an image: the runtime, the Debian packages of its libraries, and the files of this machine that
 * are of no package.
 *
 * @param files from `runtimeFiles`
 * @throws Error if the lockfile does not have the runtime
 */
export async function imageComponents(
  runtime: Runtime,
  files: ImageFiles,
  lockfile: Lockfile,
): Promise<ImageComponents> {
  const copied = Object.entries(files).flatMap(([path, file]) => ('from' in file ? [{ path, from: file.from }] : []));
  const others = copied
    .filter(({ path }) => path !== RUNTIME_PROGRAM[runtime])
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const owners = await debianPackages(others.map(({ from }) => from));
  const debian = new Map<string, { one: DebianPackage; paths: string[] }>();
  const loose: SbomComponent[] = [];
  for (const { path, from } of others) {
    const one = owners.get(from);
    if (!one) loose.push(await fileComponent(path, from));
    else debian.set(one.purl, { one, paths: [...(debian.get(one.purl)?.paths ?? []), path] });
  }
  const packages = [...debian.keys()].sort().flatMap((purl) => debian.get(purl) ?? []);
  const copyrights = packages
    .map(({ one }) => `/usr/share/doc/${one.name}/copyright`)
    .filter(existsSync)
    .map((path) => [path, { from: path, mode: 0o644 }] as const);
  return {
    components: [
      await runtimeComponent(runtime, lockfile),
      ...packages.map(({ one, paths }) => debianComponent(one, paths)),
      ...loose,
    ],
    licenses: { ...runtimeLicense(runtime), ...Object.fromEntries(copyrights) },
  };
}

async function runtimeComponent(runtime: Runtime, lockfile: Lockfile): Promise<SbomComponent> {
  const { version, folder, binary } = runtimePackage(runtime);
  return {
    type: 'platform',
    'bom-ref': `${runtime}@${version}`,
    name: runtime,
    version,
    hashes: [{ alg: 'SHA-256', content: await sha256(binary) }],
    licenses: [{ license: { id: 'MIT' } }],
    purl: `pkg:generic/${runtime}@${version}`,
    cpe: `cpe:2.3:a:${CPE[runtime]}:${version}:*:*:*:*:*:*:*`,
    externalReferences: [distribution(lockfile, folder, version)],
    evidence: { occurrences: [{ location: RUNTIME_PROGRAM[runtime] }] },
  };
}

function debianComponent({ name, version, purl }: DebianPackage, paths: string[]): SbomComponent {
  const occurrences = paths.map((location) => ({ location }));
  return { type: 'library', 'bom-ref': purl, name, version, purl, evidence: { occurrences } };
}

async function fileComponent(path: string, from: string): Promise<SbomComponent> {
  return {
    type: 'file',
    'bom-ref': path,
    name: basename(path),
    hashes: [{ alg: 'SHA-256', content: await sha256(from) }],
    evidence: { occurrences: [{ location: path }] },
  };
}

/** The license file of a runtime, which for Node names all libraries that are linked into it. */
function runtimeLicense(runtime: Runtime): ImageFiles {
  // Deno's has the file in the package that chooses the one for the platform.
  const folder = runtime === 'node' ? runtimePackage(runtime).folder : join('node_modules', 'deno');
  const path = join(dirname(dirname(RUNTIME_PROGRAM[runtime])), 'LICENSE');
  return { [path]: { from: join(packageRoot(), folder, 'LICENSE'), mode: 0o644 } };
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
