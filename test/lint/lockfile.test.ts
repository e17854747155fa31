import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/package/package-root.ts';
import { type LockedPackage, readLockfile } from '../../src/tools/supply-chain/lockfile.ts';
import { LISTED_INSTALL_SCRIPTS, lockfileProblems } from './lockfile-problems.ts';

const lockfile = readLockfile(packageRoot());
const read = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');

test('every package of the lockfile comes from the npm registry under its own name, with a SHA-512 hash', () => {
  expect(Object.keys(lockfile.packages).length).toBeGreaterThan(300);
  expect(lockfileProblems(lockfile)).toEqual([]);
});

test('packages that are listed with an install script have one', () => {
  for (const folder of LISTED_INSTALL_SCRIPTS) expect(lockfile.packages[folder]?.hasInstallScript, folder).toBe(true);
});

test('npm runs no scripts of packages, here and in images', () => {
  expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
  for (const path of ['Dockerfile', 'templates/operator/Dockerfile']) {
    const installs = read(path).match(/\bnpm (?:ci|install|i)\b.*/g) ?? [];
    expect(installs.length, path).toBeGreaterThan(0);
    for (const install of installs) expect(install, path).toContain('--ignore-scripts');
  }
});

test('the image is built with all package.json files that "npm ci" compares with the lockfile', () => {
  for (const { link, resolved } of Object.values(lockfile.packages)) {
    if (link) expect(read('Dockerfile')).toContain(`COPY ${resolved}/package.json ${resolved}/`);
  }
});

test('actions of the workflows are pinned by the hash of their commit', () => {
  const uses = [...read('.github/workflows/ci.yml').matchAll(/uses: (.*)/g)].map(([, action]) => action);
  expect(uses.length).toBeGreaterThan(0);
  for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

describe('a lockfile is refused with', () => {
  const folder = 'node_modules/undici';
  const good = lockfile.packages[folder] as LockedPackage;
  const tarball = `undici-${good.version}.tgz`;

  test.each<[what: string, change: Partial<LockedPackage>, problem: string]>([
    ['a package of another registry', { resolved: `https://registry.example.com/undici/-/${tarball}` }, 'resolved is'],
    ['a package without https', { resolved: `http://registry.npmjs.org/undici/-/${tarball}` }, 'resolved is http:'],
    ['the tarball of another package', { resolved: `https://registry.npmjs.org/evil/-/${tarball}` }, 'resolved is'],
    [
      'the tarball of another version',
      { resolved: 'https://registry.npmjs.org/undici/-/undici-0.0.1.tgz' },
      'resolved is',
    ],
    ['a git dependency', { resolved: 'git+ssh://git@github.com/nodejs/undici.git#0123456' }, 'resolved is git+ssh'],
    ['a file dependency', { resolved: 'file:../undici' }, 'resolved is file:'],
    ['a link out of the repository', { resolved: '../undici', link: true }, 'no workspace'],
    ['a weaker hash', { integrity: 'sha1-Xzq7UjRF9cvtfJEgSJjVYy7jvZs=' }, 'not sha512'],
    ['a package with an install script', { hasInstallScript: true }, 'has an install script'],
  ])('%s', (_, change, problem) => {
    const packages = { ...lockfile.packages, [folder]: { ...good, ...change } };
    expect(lockfileProblems({ packages })).toEqual([expect.stringContaining(problem)]);
  });

  test.each(['resolved', 'integrity'] as const)('no %s', (field) => {
    const { [field]: _, ...rest } = good;
    const problem = `${folder}: ${field} is undefined`;
    expect(lockfileProblems({ packages: { [folder]: rest } })).toEqual([expect.stringContaining(problem)]);
  });
});
