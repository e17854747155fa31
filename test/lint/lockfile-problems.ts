import type { Lockfile } from '../../src/tools/supply-chain/lockfile.ts';

/** The packages of this repository that npm links into node_modules. */
const WORKSPACES = ['src/tools/node'];

/** Packages with install scripts, which `ignore-scripts` in .npmrc does not run, and why they work without. */
const INSTALL_SCRIPTS: Record<string, string> = {
  'node_modules/deno': 'copies the program of the package for the platform, which is used from there',
  'node_modules/esbuild':
    'replaces a start script by the program of the package for the platform, which it starts otherwise',
};

/**
 * Returns what is wrong with entries of package-lock.json: each must come from the npm registry under its own name, with a SHA-512
 * hash. Names folder, field and value.
 */
export function lockfileProblems({ packages }: Lockfile): string[] {
  return Object.entries(packages).flatMap(([folder, entry]) => {
    if (folder === '' || WORKSPACES.includes(folder)) return [];
    const problems: string[] = [];
    const { resolved, integrity, link, hasInstallScript } = entry;
    if (link) {
      if (!WORKSPACES.includes(resolved ?? ''))
        problems.push(`${folder}: a link to ${resolved}, which is no workspace`);
      return problems;
    }
    const expected = registryUrl(folder, entry);
    if (resolved !== expected) problems.push(`${folder}: resolved is ${resolved}, not ${expected}`);
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))
      problems.push(`${folder}: integrity is ${integrity}, not sha512`);
    if (hasInstallScript && !(folder in INSTALL_SCRIPTS)) problems.push(`${folder}: has an install script`);
    return problems;
  });
}

/** The packages that are listed with an install script. */
export const LISTED_INSTALL_SCRIPTS: readonly string[] = Object.keys(INSTALL_SCRIPTS);

function registryUrl(folder: string, { name, version }: { name?: string; version?: string }): string {
  // An alias has the name of the package it stands for.
  const published = name ?? folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return `https://registry.npmjs.org/${published}/-/${published.split('/').at(-1)}-${version}.tgz`;
}
