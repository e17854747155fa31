import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InstalledPackage } from './installed-package.ts';

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await InstalledPackage.install();
});
afterAll(() => installed?.[Symbol.asyncDispose]());

/** Without npx, which takes a second each time. */
const init = (...args: string[]) =>
  installed.run(process.execPath, [installed.path('dist', 'src', 'main.js'), 'init', ...args]);

test('a new operator passes its own test, with the names that were chosen', async () => {
  const steps: [step: string, run: () => Promise<string>][] = [
    ['init', () => installed.run('npx', ['restapi-operator', 'init', 'guest-book', '--group', 'apps.acme.dev'])],
    ['compile', () => installed.run('npm', ['run', 'build'], 'guest-book')],
    ['its own test', () => installed.run('npm', ['test'], 'guest-book')],
  ];
  const start = performance.now();
  const times: string[] = [];
  const printed: Record<string, string> = {};
  for (const [step, run] of steps) {
    const from = performance.now();
    printed[step] = await run();
    times.push(`${step} ${seconds(performance.now() - from)}`);
  }
  console.log(
    `From an empty folder to the first reconcile and the end of its test: ${seconds(performance.now() - start)} ` +
      `(${times.join(', ')}; npm install is not included)`,
  );
  expect(printed.init).toContain('for the kind GuestBook (guestbooks.apps.acme.dev)');
  expect(printed['its own test']).toContain('fail 0');
  expect(printed['its own test']).toContain('pass 3');
});

test('npm run generate changes nothing in a new project', async () => {
  await init('plain-operator');
  const read = (file: string) => readFile(join(installed.folder, 'plain-operator', 'kustomize', 'base', file), 'utf8');
  const files = ['crd.yaml', 'rbac.yaml'];
  const before = await Promise.all(files.map(read));
  await installed.run('npm', ['run', 'generate'], 'plain-operator');
  expect(await Promise.all(files.map(read))).toEqual(before);
  expect(before[0]).toContain('kind: Plain\n');
});

test('the project has the files that npm leaves out of packages', async () => {
  await init('dotted');
  for (const file of ['.gitignore', '.dockerignore']) {
    expect((await stat(join(installed.folder, 'dotted', file))).isFile()).toBe(true);
  }
});

test('a folder that is not empty is left alone', async () => {
  await init('twice');
  await expect(init('twice')).rejects.toThrow(
    'error: the folder twice is not empty: choose another name, or remove it',
  );
});

test('bad arguments are rejected with a remedy', async () => {
  await expect(init()).rejects.toThrow(
    'error: the name of the operator is missing; restapi-operator init --help lists the options',
  );
  await expect(init('../up')).rejects.toThrow('"../up" cannot be the name of an operator');
  await expect(init('fine', '--color')).rejects.toThrow("Unknown option '--color'");
  expect(await init('--help')).toContain('Usage: restapi-operator init NAME [options]');
});

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
