import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundleContents } from '../../../../src/tools/supply-chain/bundle-contents.ts';
import { thirdPartyLicenses } from '../../../../src/tools/supply-chain/third-party-licenses.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bundle-contents-test-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const MIT = 'Permission is hereby granted, free of charge';

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** Installs a package. */
async function install(
  folder: string,
  {
    code = 'export const value = 1;',
    files = { LICENSE: `Copyright of ${folder}\n\n${MIT}` },
    ...manifest
  }: {
    code?: string;
    files?: Record<string, string>;
    version?: string;
    license?: unknown;
    name?: string;
  } = {},
): Promise<void> {
  const path = (name: string) => join('node_modules', folder, name);
  const name = folder.split('node_modules/').at(-1);
  await write({
    [path('package.json')]: JSON.stringify({ name, version: '1.0.0', license: 'MIT', type: 'module', ...manifest }),
    [path('index.js')]: code,
    ...Object.fromEntries(Object.entries(files).map(([file, text]) => [path(file), text])),
  });
}

async function contents(main: string) {
  await write({ 'main.js': main });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['main.js'],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
  });
  return bundleContents(metafile, root);
}

const licensesOf = async (main: string) => thirdPartyLicenses('test', await contents(main), root);

describe('the contents of a bundle', () => {
  test('are the packages whose code is in it, with what they import', async () => {
    await install('@scope/a', { code: "import { value } from 'b'; export const a = () => value;" });
    await install('b', { version: '2.0.0', license: 'ISC' });
    await install('unused', { code: 'export const unused = () => 1;' });
    await install('not-imported', {});
    const main = "import { a } from '@scope/a'; import { unused } from 'unused'; console.log(a());";
    expect(await contents(main)).toEqual({
      packages: [
        { name: '@scope/a', version: '1.0.0', license: 'MIT', folder: 'node_modules/@scope/a', imports: ['b@2.0.0'] },
        { name: 'b', version: '2.0.0', license: 'ISC', folder: 'node_modules/b', imports: [] },
      ],
      imports: ['@scope/a@1.0.0'],
    });
  });

  test('name a package that is imported through a file that is not in it', async () => {
    await install('a', { code: "export * from './value.js';", files: { 'value.js': 'export const value = 1;' } });
    expect((await contents("import { value } from 'a'; console.log(value);")).imports).toEqual(['a@1.0.0']);
  });

  test('leave out a package that only passes on the exports of others', async () => {
    await install('a', { code: "export { value as a } from 'passes-on';" });
    await install('passes-on', { code: "export * from 'b';" });
    await install('b');
    const main = "import { a } from 'a'; import { value } from 'passes-on'; console.log(a, value);";
    expect(await contents(main)).toEqual({
      packages: [expect.objectContaining({ name: 'b' })],
      imports: ['b@1.0.0'],
    });
  });

  test('tell two versions of a package apart, and list the same version once', async () => {
    await install('a', { code: "export { value as a } from 'c';" });
    await install('a/node_modules/c', { version: '2.0.0' });
    await install('b', { code: "export { value as b } from 'c';" });
    await install('b/node_modules/c', { version: '2.0.0' });
    await install('c', {});
    const main = "import { a } from 'a'; import { b } from 'b'; import { value } from 'c'; console.log(a, b, value);";
    const found = await contents(main);
    expect(found.packages.map(({ name, version }) => `${name}@${version}`)).toEqual(['c@1.0.0', 'c@2.0.0']);
    // The packages a and b only pass on an export.
    expect(found.imports).toEqual(['c@1.0.0', 'c@2.0.0']);
  });

  test.each([
    ['GPL-3.0-only', 'the license "GPL-3.0-only"'],
    [undefined, 'no license'],
    ['SEE LICENSE IN LICENSE', 'the license "SEE LICENSE IN LICENSE"'],
    [{ type: 'MIT' }, 'the license {"type":"MIT"}'],
  ])('must not have the license %j', async (license, problem) => {
    await install('a', { license });
    const refused = contents("import { value } from 'a'; console.log(value);");
    await expect(refused).rejects.toThrow(
      `a 1.0.0 in the bundle has ${problem} in its package.json; allowed are 0BSD,`,
    );
  });
});

describe('the file of licenses', () => {
  const MAIN = "import { value } from 'a'; import { value as other } from 'b'; console.log(value, other);";

  test('has the text of license, copyright and notice files, each once', async () => {
    const shared = { LICENSE: 'The shared text\r\n\r\nin two lines  \r\n' };
    await install('a', { license: 'Apache-2.0', files: { ...shared, NOTICE: 'A notice', 'license.js': 'NO TEXT' } });
    await install('b', { license: 'Apache-2.0', files: { ...shared, 'CopyrightNotice.txt': 'A copyright' } });
    const text = await licensesOf(MAIN);
    expect(text).toContain('  a 1.0.0 (Apache-2.0)\n  b 1.0.0 (Apache-2.0)\n');
    expect(text.match(/The shared text\n\nin two lines\n/g)).toHaveLength(1);
    expect(text).toContain('\na 1.0.0\nb 1.0.0\n\nThe shared text');
    expect(text).toContain('\na 1.0.0\n\nA notice\n');
    expect(text).toContain('\nb 1.0.0\n\nA copyright\n');
    expect(text).not.toContain('NO TEXT');
  });

  test('has the license section of a README where there is no such file', async () => {
    const section = `(The MIT License)\n\nCopyright (c) 2013 A &lt;a@b.c&gt;\n\n${MIT}\n\nEND`;
    await install('a', { files: { 'README.md': `# a\n\nUsage\n\nLicense\n-------\n\n${section}\n` } });
    await install('b', { files: { 'readme.markdown': `# b\n\n## License\n\n${section}\n\n## More\n\nNot this\n` } });
    const text = await licensesOf(MAIN);
    expect(text).toContain(`\na 1.0.0\nb 1.0.0\n\n${section.replace('&lt;', '<').replace('&gt;', '>')}\n`);
    expect(text).not.toContain('Usage');
    expect(text).not.toContain('Not this');
  });

  test.each<[string, Record<string, string>]>([
    ['no file', {}],
    ['only the name of a license', { 'README.md': '# a\n\n## License\n\nMIT\n' }],
  ])('is refused for a package with %s', async (_, files) => {
    await install('a', { files });
    await install('b');
    await expect(licensesOf(MAIN)).rejects.toThrow('a 1.0.0 in the bundle has no license text: add its copyright line');
  });
});
