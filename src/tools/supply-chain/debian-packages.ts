import { readFileSync } from 'node:fs';
import { runProgram } from '../../../operator/testkit/run-program.ts';

/** An installed Debian package. */
export interface DebianPackage {
  name: string;
  version: string;
  arch: string;
  /** Name of the source package, by which vulnerabilities are reported. */
  source: string;
  /** Package URL, https://github.com/package-url/purl-spec. */
  purl: string;
}

/**
 * Finds the Debian packages that files of this machine are from.
 *
 * @returns packages by path; without the files that are of none, and nothing at all on another distribution
 */
export async function debianPackages(paths: readonly string[]): Promise<Map<string, DebianPackage>> {
  const distribution = debianDistribution();
  if (!distribution || paths.length === 0) return new Map();
  // /lib is a link to /usr/lib; dpkg knows a file by the one of the two paths that its package names.
  const owners = parseOwners(await dpkgQuery(['--search', ...paths.flatMap(bothPaths)]));
  const ownerOf = (path: string) => bothPaths(path).flatMap((one) => owners.get(one) ?? [])[0];
  const names = [...new Set(paths.flatMap((path) => ownerOf(path) ?? []))];
  if (names.length === 0) return new Map();
  const packages = parsePackages(await dpkgQuery(['--show', '--showformat', FORMAT, ...names]), distribution);
  return new Map(
    paths.flatMap((path): [string, DebianPackage][] => {
      const found = packages.find(({ name, arch }) => [name, `${name}:${arch}`].includes(ownerOf(path) ?? ''));
      return found ? [[path, found]] : [];
    }),
  );
}

const FORMAT = `${['Package', 'Version', 'Architecture', 'source:Package'].map((field) => `\${${field}}`).join('\\t')}\\n`;

function bothPaths(path: string): string[] {
  return [path, path.startsWith('/usr/') ? path.slice('/usr'.length) : `/usr${path}`];
}

/** Reads lines such as `libc6:amd64: /lib/x86_64-linux-gnu/libc.so.6`. @returns packages by path */
export function parseOwners(output: string): Map<string, string> {
  return new Map(
    output.split('\n').flatMap((line): [string, string][] => {
      const [, name, path] = /^([a-z0-9][a-z0-9.+-]*(?::[a-z0-9-]+)?): (\/.*)$/.exec(line) ?? [];
      return name && path ? [[path, name]] : [];
    }),
  );
}

/** Reads lines of name, version, architecture and source, separated by tabs. */
export function parsePackages(output: string, distribution: string): DebianPackage[] {
  return output.split('\n').flatMap((line) => {
    const [name, version, arch, source] = line.split('\t');
    if (!name || !version || !arch || !source) return [];
    const upstream = source === name ? '' : `&upstream=${encodeURIComponent(source)}`;
    const id = `${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
    return [
      { name, version, arch, source, purl: `pkg:deb/debian/${id}?arch=${arch}&distro=${distribution}${upstream}` },
    ];
  });
}

/** `debian-12`, or undefined on another distribution. */
function debianDistribution(): string | undefined {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1];
    return field('ID') === 'debian' ? `debian-${field('VERSION_ID')}` : undefined;
  } catch {
    return undefined;
  }
}

async function dpkgQuery(args: string[]): Promise<string> {
  // It fails if it does not know one of the paths, and prints the others.
  return (await runProgram('dpkg-query', args, { env: { ...process.env, LC_ALL: 'C' } })).stdout;
}
