import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { pageFiles } from '../src/dashboard/page-files.ts';
import { VERSION } from '../src/package/version.ts';
import { PROGRAM_LICENSES } from '../src/tools/bundle-programs.ts';
import { InstalledPackage } from './examples/installed-package.ts';
import { describeOnRealNode } from './support/real-node/describe-on-real-node.ts';

const ROOT = join(import.meta.dirname, '..');

test("the version in the code is the package's", async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  expect(VERSION).toBe(version);
});

test('there is one copy of @kubernetes/client-node', async () => {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  const copies = Object.keys(packages).filter((path) => path.endsWith('node_modules/@kubernetes/client-node'));
  expect(copies).toEqual(['node_modules/@kubernetes/client-node']);
});

test('the published package has the dashboard, the test kit, the template and the licenses of its packages in it', async () => {
  await using installed = await InstalledPackage.install();
  const module = pathToFileURL(installed.path('dist', 'src', 'dashboard', 'page-files.js'));
  const script = `import(${JSON.stringify(module.href)}).then(({ pageFiles }) => console.log(JSON.stringify(pageFiles())))`;
  expect(JSON.parse(await installed.run(process.execPath, ['-e', script]))).toEqual(pageFiles());
  expect(Object.keys(pageFiles())).toContain('/');
  for (const file of [
    ['operator', 'testkit', 'README.md'],
    ['operator', 'testkit', 'kwok', 'stages.yaml'],
    ['operator', 'testkit', 'go', 'etcd', 'go.mod'],
    ['operator', 'testkit', 'go', 'containerd', 'go.mod'],
    ['operator', 'testkit', 'go', 'pause', 'main.go'],
    ['templates', 'operator', 'gitignore'],
    ['LICENSE'],
  ]) {
    await expect(access(installed.path(...file)), file.join('/')).resolves.toBeUndefined();
  }
  const programs = installed.path('dist', 'src');
  const licenses = await readFile(join(programs, PROGRAM_LICENSES), 'utf8');
  const listed = [...licenses.matchAll(/^ {2}(\S+) \S+ \(.*\)$/gm)].map(([, name]) => name as string);
  expect([...new Set(listed)].sort()).toEqual(await packagesInPrograms(programs));
});

/** The packages by which the bundler marked code in the programs. */
async function packagesInPrograms(folder: string): Promise<string[]> {
  const names = new Set<string>();
  for (const file of await readdir(join(folder, 'chunks'))) {
    if (!file.endsWith('.js')) continue;
    const code = await readFile(join(folder, 'chunks', file), 'utf8');
    for (const [, name] of code.matchAll(/^ *\/\/ (?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//gm))
      names.add(name as string);
  }
  expect(names.size).toBeGreaterThan(20);
  return [...names].sort();
}

describeOnRealNode('the published package', () => {
  test('starts a real node', async () => {
    await using installed = await InstalledPackage.install();
    const module = pathToFileURL(installed.path('dist', 'operator', 'testkit', 'index.js'));
    const script = `
      const { startControlPlane } = await import(${JSON.stringify(module.href)});
      await using cluster = await startControlPlane({ realNodes: 1 });
      console.log((await cluster.kubectl(['get', 'nodes', '-o', 'name'])).stdout);`;
    expect(await installed.run(process.execPath, ['--input-type=module', '-e', script])).toContain('node/real-0');
  }, 900_000);
});
