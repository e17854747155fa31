import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { pageFiles } from '../src/dashboard/page-files.ts';
import { VERSION } from '../src/package/version.ts';
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

test('the published package has the dashboard, the test kit and the template in it', async () => {
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
  ]) {
    await expect(access(installed.path(...file)), file.join('/')).resolves.toBeUndefined();
  }
});

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
