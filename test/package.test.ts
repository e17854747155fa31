import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { pageFiles } from '../src/dashboard/page-files.ts';
import { VERSION } from '../src/package/version.ts';

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

test('the package as it is published has the dashboard in it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'package-test-'));
  try {
    const run = promisify(execFile);
    const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: ROOT,
    });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    await run('tar', ['-xzf', join(folder, filename), '-C', folder]);
    await symlink(join(ROOT, 'node_modules'), join(folder, 'package', 'node_modules'));
    const module = pathToFileURL(join(folder, 'package', 'dist', 'src', 'dashboard', 'page-files.js'));
    const script = `import(${JSON.stringify(module.href)}).then(({ pageFiles }) => console.log(JSON.stringify(pageFiles())))`;
    const { stdout } = await run(process.execPath, ['-e', script], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual(pageFiles());
    expect(Object.keys(pageFiles())).toContain('/');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
