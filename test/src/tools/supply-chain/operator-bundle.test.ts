import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../../src/package/package-root.ts';
import { bundleOperator } from '../../../../src/tools/bundle-operator.ts';
import { BUNDLE_OPTIONS } from '../../../../src/tools/bundle-options.ts';
import type { BundleContents } from '../../../../src/tools/supply-chain/bundle-contents.ts';
import { readLockfile } from '../../../../src/tools/supply-chain/lockfile.ts';
import { sbom } from '../../../../src/tools/supply-chain/sbom.ts';
import { parseBom } from '../../../support/cyclonedx.ts';

let folder: string;
let bundle: string;
let contents: BundleContents;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'operator-bundle-test-'));
  bundle = join(folder, 'restapi-operator.mjs');
  contents = await bundleOperator(bundle, { version: '1.2.3' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The folders of packages by which the bundler marks code in a bundle that is not minified. */
async function markedPackages(): Promise<string[]> {
  const result = await build({
    ...BUNDLE_OPTIONS,
    entryPoints: [join('src', 'main.ts')],
    target: 'node24',
    write: false,
  });
  const code = result.outputFiles[0]?.text ?? '';
  const marks = code.matchAll(/^ *\/\/ ((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//gm);
  return [...new Set([...marks].map(([, name]) => name as string))].sort();
}

test('licenses and bill of materials list exactly the packages that are in the bundle', async () => {
  const folders = contents.packages.map((one) => one.folder);
  expect(folders.length).toBeGreaterThan(20);
  expect([...folders].sort()).toEqual(await markedPackages());

  const licenses = await readFile(`${bundle}.LEGAL.txt`, 'utf8');
  const listed = [...licenses.matchAll(/^ {2}(\S+ \S+ \(.*\))$/gm)].map(([, line]) => line);
  expect(listed).toEqual(contents.packages.map(({ name, version, license }) => `${name} ${version} (${license})`));
  expect(licenses).toContain('Bundled license information:');
  expect(await readFile(bundle, 'utf8')).toContain('please see restapi-operator.mjs.LEGAL.txt');

  const lockfile = readLockfile(packageRoot());
  const bom = parseBom(sbom({ version: '1.2.3', contents, lockfile }));
  expect(bom.components.map((one) => one['bom-ref'])).toEqual(
    contents.packages.map((one) => `${one.name}@${one.version}`),
  );
  expect(bom.components.map((one) => one.externalReferences?.[0]?.url)).toEqual(
    folders.map((one) => lockfile.packages[one]?.resolved),
  );
});

test('every component of the bill of materials is a dependency of the operator, directly or not', () => {
  const bom = parseBom(sbom({ version: '1.2.3', contents, lockfile: readLockfile(packageRoot()) }));
  const reached = new Set<string>();
  const visit = (ref: string) => {
    if (reached.has(ref)) return;
    reached.add(ref);
    for (const next of bom.dependencies.find((one) => one.ref === ref)?.dependsOn ?? []) visit(next);
  };
  visit('restapi-operator');
  expect(bom.components.map((one) => one['bom-ref']).filter((ref) => !reached.has(ref))).toEqual([]);
  expect(reached).toContain(`undici@${bom.components.find(({ name }) => name === 'undici')?.version}`);
});
