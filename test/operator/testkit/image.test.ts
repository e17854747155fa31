import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ImageFiles, writeImage, writeImages } from '../../../operator/testkit/image.ts';
import { runProgram } from '../../../operator/testkit/run-program.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sha256 = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

async function tar(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await runProgram('tar', args);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return stdout;
}

async function write(files: ImageFiles, more: object = {}) {
  const path = join(folder, 'image.tar');
  const image = await writeImage(path, { name: 'shop:1.0.0', entrypoint: ['/bin/shop'], files, ...more });
  return { path, ...image };
}

/** Unpacks an image with the system's tar, checking every digest on the way from the index to the layer. */
async function unpack(path: string) {
  const layout = await mkdtemp(join(folder, 'layout-'));
  await tar('-xf', path, '-C', layout);
  const blob = async ({ digest, size }: { digest: string; size: number }) => {
    const content = await readFile(join(layout, 'blobs', digest.replace(':', '/')));
    expect({ digest: sha256(content), size: content.length }).toEqual({ digest, size });
    return content;
  };
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
  const manifest = JSON.parse((await blob(index.manifests[0])).toString());
  const config = JSON.parse((await blob(manifest.config)).toString());
  await blob(manifest.layers[0]);
  const layer = join(layout, 'blobs', manifest.layers[0].digest.replace(':', '/'));
  const root = join(layout, 'root');
  await mkdir(root);
  await tar('-xpf', layer, '-C', root);
  return { layout, index, manifest, config, layer, root };
}

test('the layout names, describes and holds the image', async () => {
  const { path, name, digest, bytes } = await write(
    { '/bin/shop': { text: '#!/bin/sh\n', mode: 0o755 } },
    { args: ['--serve'], env: { LOG_LEVEL: 'info', EMPTY: '' }, user: '1000:1000', workingDir: '/bin' },
  );
  const { layout, index, manifest, config } = await unpack(path);
  const platform = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' };
  expect(name).toBe('docker.io/library/shop:1.0.0');
  expect(JSON.parse(await readFile(join(layout, 'oci-layout'), 'utf8'))).toEqual({ imageLayoutVersion: '1.0.0' });
  expect(index.manifests[0]).toMatchObject({
    digest,
    platform,
    annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': '1.0.0' },
  });
  expect(manifest.layers).toHaveLength(1);
  expect(manifest.layers[0].size).toBe(bytes);
  expect(config).toMatchObject({
    ...platform,
    config: {
      User: '1000:1000',
      Env: ['LOG_LEVEL=info', 'EMPTY='],
      Entrypoint: ['/bin/shop'],
      Cmd: ['--serve'],
      WorkingDir: '/bin',
    },
    rootfs: { type: 'layers', diff_ids: [manifest.layers[0].digest] },
  });
});

test('several images in one file share the layer of the same files', async () => {
  const files = { '/bin/shop': { text: 'x'.repeat(1_000_000) } };
  const path = join(folder, 'images.tar');
  const version = (tag: string) => ({ name: `shop:${tag}`, entrypoint: ['/bin/shop'], env: { TAG: tag }, files });
  const other = { name: 'other', entrypoint: ['/other'], files: { '/other': { text: '' } } };
  const [first, second, third] = await writeImages(path, [version('1'), version('2'), other]);
  expect(second?.digest).not.toBe(first?.digest);
  const single = await writeImage(join(folder, 'second.tar'), version('2'));
  expect(second).toEqual(single);

  const { layout, index } = await unpack(path);
  const entries = index.manifests as { digest: string; annotations: Record<string, string> }[];
  expect(entries.map(({ digest, annotations }) => [annotations['io.containerd.image.name'], digest])).toEqual([
    ['docker.io/library/shop:1', first?.digest],
    ['docker.io/library/shop:2', second?.digest],
    ['docker.io/library/other:latest', third?.digest],
  ]);
  // Three configurations, three manifests and two layers.
  expect(await readdir(join(layout, 'blobs', 'sha256'))).toHaveLength(8);
});

test('two images of the same name in one file are refused', async () => {
  const image = { name: 'shop', entrypoint: ['/shop'], files: {} };
  const written = writeImages(join(folder, 'images.tar'), [image, { ...image, name: 'docker.io/library/shop:latest' }]);
  await expect(written).rejects.toThrow('the image docker.io/library/shop:latest is given twice');
});

test('its time is the given one', async () => {
  const { config } = await unpack((await write({}, { created: new Date('2023-11-14T22:13:20Z') })).path);
  expect(config.created).toBe('2023-11-14T22:13:20.000Z');
});

test('by default it runs as the user 65532 in /, and is of 1970', async () => {
  const { config } = await unpack((await write({})).path);
  expect(config.created).toBe('1970-01-01T00:00:00.000Z');
  expect(config.config).toEqual({ User: '65532:65532', Env: [], Entrypoint: ['/bin/shop'], WorkingDir: '/' });
});

test('files of all kinds arrive with content and mode, owned by root', async () => {
  const script = join(folder, 'script');
  await writeFile(script, 'run\n');
  await chmod(script, 0o700);
  const secret = join(folder, 'private');
  await writeFile(secret, '');
  await chmod(secret, 0o600);
  await symlink('script', join(folder, 'link'));
  const { layer, root } = await unpack(
    (
      await write({
        '/opt/app/run': { from: script },
        '/opt/app/linked': { from: join(folder, 'link') },
        '/opt/app/set': { from: script, mode: 0o4711 },
        '/etc/empty': { from: secret },
        '/etc/motd': { text: 'Grüße\n' },
        '/tmp': { emptyFolder: true, mode: 0o1777 },
        '/var/lib': { emptyFolder: true },
      })
    ).path,
  );
  const listed = (await tar('-tvf', layer, '--numeric-owner')).trim().split('\n');
  expect(listed.map((line) => line.replace(/ +/g, ' '))).toEqual([
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/',
    '-rw-r--r-- 0/0 0 1970-01-01 00:00 etc/empty',
    '-rw-r--r-- 0/0 8 1970-01-01 00:00 etc/motd',
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 opt/',
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 opt/app/',
    '-rwxr-xr-x 0/0 4 1970-01-01 00:00 opt/app/linked',
    '-rwxr-xr-x 0/0 4 1970-01-01 00:00 opt/app/run',
    '-rws--x--x 0/0 4 1970-01-01 00:00 opt/app/set',
    'drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/',
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 var/',
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 var/lib/',
  ]);
  expect(await readFile(join(root, 'etc', 'motd'), 'utf8')).toBe('Grüße\n');
  expect(await readFile(join(root, 'opt', 'app', 'linked'), 'utf8')).toBe('run\n');
});

test('a folder is taken whole, symlinks followed; a path given itself takes precedence', async () => {
  const source = join(folder, 'source');
  await mkdir(join(source, 'sub', 'empty'), { recursive: true });
  await writeFile(join(source, 'sub', 'a'), 'a');
  await writeFile(join(source, 'b'), 'b');
  await symlink('sub', join(source, 'linked'));
  const { root } = await unpack((await write({ '/data/b': { text: 'own' }, '/data': { folder: source } })).path);
  const found = await readdir(join(root, 'data'), { recursive: true });
  expect(found.sort()).toEqual(['b', 'linked', 'linked/a', 'linked/empty', 'sub', 'sub/a', 'sub/empty']);
  expect(await readFile(join(root, 'data', 'b'), 'utf8')).toBe('own');
  expect(await readFile(join(root, 'data', 'linked', 'a'), 'utf8')).toBe('a');
});

test('the same files give the same bytes, in whatever order and of whatever age; another content does not', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'x'.repeat(3_000_000));
  const first = await write({ '/a': { from: file }, '/b': { text: 'b' } });
  const bytes = await readFile(first.path);
  await utimes(file, 1, 1);
  await chmod(file, 0o640);
  const second = await write({ '/b': { text: 'b' }, '/a': { from: file } });
  expect(second.digest).toBe(first.digest);
  expect((await readFile(second.path)).equals(bytes)).toBe(true);
  expect((await write({ '/a': { from: file }, '/b': { text: 'c' } })).digest).not.toBe(first.digest);
});

test('paths longer than the 100 characters of a tar header, and with other letters, keep their names', async () => {
  const long = `/${'d'.repeat(120)}/${'e'.repeat(180)}/${'f'.repeat(200)}`;
  const { root } = await unpack((await write({ [long]: { text: 'long' }, '/straße/ключ': { text: 'key' } })).path);
  expect(await readFile(join(root, long), 'utf8')).toBe('long');
  expect(await readFile(join(root, 'straße', 'ключ'), 'utf8')).toBe('key');
});

test('a file whose length is not that of its content is refused, and leaves no image', async () => {
  // The kernel reports 0 bytes for it.
  await expect(write({ '/status': { from: '/proc/self/status' } })).rejects.toThrow(
    /^\/proc\/self\/status changed while it was read: it had 0 bytes, and has \d+ or more$/,
  );
  expect((await readdir(folder)).filter((name) => name.startsWith('image'))).toEqual([]);
});

test('a file that changes after its digest was computed is refused, and leaves no image', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'x'.repeat(40_000_000));
  const written = write({ '/file': { from: file } }).catch((error) => error);
  while (!existsSync(join(folder, 'image.tar.part'))) await setImmediate();
  const open = openSync(file, 'r+');
  writeSync(open, 'y', 39_999_999);
  closeSync(open);
  expect(await written).toMatchObject({ message: expect.stringContaining('a file changed while') });
  expect((await readdir(folder)).filter((name) => name.startsWith('image'))).toEqual([]);
});

test.each<[string, (source: string) => ImageFiles, RegExp]>([
  [
    'a missing file',
    (s) => ({ '/a': { from: join(s, 'no') } }),
    /^\/a: .*\/no does not exist, or is a symlink to nothing$/,
  ],
  ['a missing folder', (s) => ({ '/a': { folder: join(s, 'no') } }), /^\/a: .*\/no does not exist/],
  [
    'a broken symlink in a folder',
    (s) => ({ '/a': { folder: join(s, 'broken') } }),
    /^\/a\/link: .*link does not exist/,
  ],
  [
    'a symlink in a circle',
    (s) => ({ '/a': { folder: join(s, 'circle') } }),
    /^\/a\/up: the symlink .*up leads to a folder above/,
  ],
  ['a folder as a file', (s) => ({ '/a': { from: s } }), /^\/a: .* is a folder; give it as \{ folder: ".*" \}$/],
  [
    'a file as a folder',
    (s) => ({ '/a': { folder: join(s, 'file') } }),
    /^\/a: .*file is not a folder; give it as \{ from: /,
  ],
  ['a device', () => ({ '/a': { from: '/dev/null' } }), /^\/a: \/dev\/null is neither a file nor a folder$/],
  [
    'a file above a file',
    () => ({ '/a': { text: '' }, '/a/b': { text: '' } }),
    /^\/a is a file, and \/a\/b needs it as a folder$/,
  ],
  ['a path twice', () => ({ '/a': { text: '' }, '//a/': { text: '' } }), /^\/a is given twice$/],
  ['a relative path', () => ({ a: { text: '' } }), /^"a" is not a path in an image: start it with \//],
  ['a path out of the image', () => ({ '/a/../../b': { text: '' } }), /leave \.\. out$/],
])('%s is refused', async (_, files, message) => {
  const source = join(folder, 'source');
  await mkdir(join(source, 'broken'), { recursive: true });
  await mkdir(join(source, 'circle'));
  await writeFile(join(source, 'file'), '');
  await symlink('nothing', join(source, 'broken', 'link'));
  await symlink('.', join(source, 'circle', 'up'));
  await expect(write(files(source))).rejects.toThrow(message);
  expect((await readdir(folder)).filter((name) => name.startsWith('image'))).toEqual([]);
});
