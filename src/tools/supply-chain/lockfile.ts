import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An entry of package-lock.json. */
export interface LockedPackage {
  /** Only of an alias: the name of the package it stands for. */
  name?: string;
  version?: string;
  /** URL of the tarball; the folder of a workspace. */
  resolved?: string;
  /** Of the tarball, `sha512-` and base64. */
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
}

/** package-lock.json, entries by folder. */
export interface Lockfile {
  packages: Record<string, LockedPackage>;
}

/** Reads package-lock.json. @throws Error if it is missing */
export function readLockfile(root: string): Lockfile {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
}

/**
 * Returns where a package comes from.
 *
 * @throws Error if the lockfile does not have the package in this version
 */
export function lockedOrigin({ packages }: Lockfile, folder: string, version: string): { url: string; sha512: string } {
  const { resolved, integrity, version: locked } = packages[folder] ?? {};
  if (locked !== version || !resolved || !integrity?.startsWith('sha512-')) {
    throw new Error(
      `package-lock.json has ${locked ? `version ${locked} of` : 'no'} ${folder}, installed is ${version}, ` +
        'or its entry has no resolved or no integrity: run "npm ci"',
    );
  }
  return { url: resolved, sha512: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') };
}
