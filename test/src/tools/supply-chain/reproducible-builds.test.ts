import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../../../operator/testkit/run-program.ts';
import { packageRoot } from '../../../../src/package/package-root.ts';

const SOURCES = ['LICENSE', 'operator', 'package-lock.json', 'package.json', 'resources', 'src', 'tsconfig.json'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproducible-builds-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy of the sources in a folder of its own, on a machine with settings of its own. */
class Copy {
  readonly #root: string;
  readonly #umask: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(root: string, umask: string, env: NodeJS.ProcessEnv) {
    this.#root = root;
    this.#umask = umask;
    this.#env = env;
  }

  static async make(path: string, umask: string, env: NodeJS.ProcessEnv): Promise<Copy> {
    const root = join(folder, path);
    await mkdir(root, { recursive: true });
    for (const name of SOURCES) await cp(join(packageRoot(), name), join(root, name), { recursive: true });
    await symlink(join(packageRoot(), 'node_modules'), join(root, 'node_modules'));
    return new Copy(root, umask, env);
  }

  /** Runs a script. @returns the hashes of the files in a folder, by path */
  async build(script: string, out: string): Promise<Record<string, string>> {
    const args = ['-c', 'umask "$0" && exec "$@"', this.#umask, process.execPath, join(this.#root, script)];
    const env = { ...process.env, ...this.#env, NODE_COMPILE_CACHE: undefined, SOURCE_DATE_EPOCH: '1700000000' };
    const { exitCode, stderr } = await runProgram('sh', args, { cwd: tmpdir(), env });
    expect(exitCode, stderr).toBe(0);
    const hashes: Record<string, string> = {};
    for (const entry of await readdir(join(this.#root, out), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      hashes[relative(this.#root, path)] = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    }
    return hashes;
  }

  read(path: string): Promise<Buffer> {
    return readFile(join(this.#root, path));
  }
}

let one: Copy;
let other: Copy;
beforeAll(async () => {
  one = await Copy.make('one', '022', { TZ: 'UTC', LC_ALL: 'C', HOME: '/one' });
  other = await Copy.make('a/longer path/to/another', '077', {
    TZ: 'Asia/Tokyo',
    LC_ALL: 'de_DE.UTF-8',
    HOME: '/other',
  });
});

test('two builds of the bundle, in different folders and time zones, give the same bytes', async () => {
  const hashes = await one.build('src/tools/bundle.ts', 'dist/bundle');
  expect(Object.keys(hashes).sort()).toEqual([
    'dist/bundle/restapi-operator.cdx.json',
    'dist/bundle/restapi-operator.mjs',
    'dist/bundle/restapi-operator.mjs.LEGAL.txt',
  ]);
  expect(await other.build('src/tools/bundle.ts', 'dist/bundle')).toEqual(hashes);
  const bom = await one.read('dist/bundle/restapi-operator.cdx.json');
  expect(JSON.parse(bom.toString()).metadata.timestamp).toBe('2023-11-14T22:13:20.000Z');
  // As it would be with a node_modules that is no link.
  expect((await one.read('dist/bundle/restapi-operator.mjs')).includes('"node_modules/undici/')).toBe(true);
});

test('two builds of the programs give the same bytes', async () => {
  const hashes = await one.build('src/tools/bundle-programs.ts', 'dist/src');
  expect(Object.keys(hashes)).toContain('dist/src/THIRD-PARTY-LICENSES.txt');
  expect(Object.keys(hashes).filter((path) => path.startsWith('dist/src/chunks/')).length).toBeGreaterThan(5);
  expect(await other.build('src/tools/bundle-programs.ts', 'dist/src')).toEqual(hashes);
});

test.runIf(process.platform === 'linux')('two builds of the image give the same bytes', async () => {
  const hashes = await one.build('src/tools/image/image.ts', 'dist/image');
  expect(Object.keys(hashes)).toEqual(['dist/image/restapi-operator.tar']);
  expect(await other.build('src/tools/image/image.ts', 'dist/image')).toEqual(hashes);
  expect((await one.read('dist/image/restapi-operator.tar')).includes('"created":"2023-11-14T22:13:20.000Z"')).toBe(
    true,
  );
});
