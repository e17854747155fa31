import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { requireAllowedLicense } from './allowed-licenses.ts';

/** An npm package of which a bundle contains code. */
export interface BundledPackage {
  name: string;
  version: string;
  /** SPDX id. */
  license: string;
  /** Path within the repository, which is also its key in the lockfile, such as `node_modules/ws`. */
  folder: string;
  /** The bundled packages that its code imports, as `name@version`, sorted. */
  imports: string[];
}

/** What a bundle contains besides this project's own code. */
export interface BundleContents {
  /** Sorted by name and version. */
  packages: BundledPackage[];
  /** The packages that this project's own code imports, as `name@version`, sorted. */
  imports: string[];
}

type PackageManifest = Pick<BundledPackage, 'name' | 'version' | 'license' | 'folder'>;

/**
 * Lists the packages of which a bundle contains code. Packages that are installed, but whose code the bundler left out, are not
 * listed.
 *
 * @param metafile of all outputs of one build
 * @param root folder to which the paths of the metafile are relative
 * @throws Error if a package has no license, or one that is not allowed
 */
export function bundleContents(metafile: Metafile, root: string): BundleContents {
  const files = bundledFiles(metafile);
  const manifests = new Map<string, PackageManifest>();
  for (const file of files) {
    const folder = packageFolder(file);
    if (folder && !manifests.has(folder)) manifests.set(folder, readManifest(root, folder));
  }
  const imports = new Map<string | undefined, Set<string>>();
  for (const file of files) {
    const importer = packageFolder(file);
    const id = importer && idOf(manifests.get(importer) as PackageManifest);
    const found = imports.get(id) ?? new Set();
    imports.set(id, found);
    for (const folder of importedFolders(metafile, file, manifests)) {
      const imported = idOf(manifests.get(folder) as PackageManifest);
      if (imported !== id) found.add(imported);
    }
  }
  // Two folders may have the same version of a package.
  const packages = new Map([...manifests.values()].map((one) => [idOf(one), one]));
  const importsOf = (id?: string) => [...(imports.get(id) ?? [])].sort();
  return {
    packages: [...packages.keys()]
      .sort()
      .map((id) => ({ ...(packages.get(id) as PackageManifest), imports: importsOf(id) })),
    imports: importsOf(),
  };
}

/**
 * The folders of bundled packages that a file imports. A package of which nothing is in the bundle only passes on exports of
 * others, so its imports count instead.
 */
function importedFolders(metafile: Metafile, file: string, bundled: ReadonlyMap<string, unknown>): Set<string> {
  const folders = new Set<string>();
  const seen = new Set<string>();
  const follow = (from: string) => {
    if (seen.has(from)) return;
    seen.add(from);
    for (const { path, external } of metafile.inputs[from]?.imports ?? []) {
      const folder = external ? undefined : packageFolder(path);
      if (folder === undefined) continue;
      if (bundled.has(folder)) folders.add(folder);
      else follow(path);
    }
  };
  follow(file);
  return folders;
}

function bundledFiles({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return [...new Set(inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])))].sort();
}

/** The innermost package of a file: `node_modules/a/node_modules/@b/c` of `node_modules/a/node_modules/@b/c/lib/d.js`. */
function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

function readManifest(root: string, folder: string): PackageManifest {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  if (!name || !version) throw new Error(`${folder}/package.json has no name or no version: run "npm ci"`);
  requireAllowedLicense(name, version, license);
  return { name, version, license, folder };
}

function idOf({ name, version }: PackageManifest): string {
  return `${name}@${version}`;
}
