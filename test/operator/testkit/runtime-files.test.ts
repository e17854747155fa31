import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layerEntries } from '../../../operator/testkit/image-files.ts';
import { runProgram } from '../../../operator/testkit/run-program.ts';
import { nodeRuntimeFiles } from '../../../operator/testkit/runtime-files.ts';
import { parseLdd, sharedLibraries } from '../../../operator/testkit/shared-libraries.ts';
import { tarStream } from '../../../operator/testkit/tar.ts';

test('the output of ldd is read: libraries, the loader, not the vdso', () => {
  const output = [
    '\tlinux-vdso.so.1 (0x00007fff)',
    '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f00)',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f11)',
    '\tld-linux-aarch64.so.1 => /lib/ld-linux-aarch64.so.1 (0x0000ffff)',
    '',
  ].join('\n');
  expect(parseLdd('node', output)).toEqual([
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib64/ld-linux-x86-64.so.2',
    '/lib/ld-linux-aarch64.so.1',
  ]);
  expect(() => parseLdd('/bin/node', '\tlibatomic.so.1 => not found\n')).toThrow(
    '/bin/node needs the shared library libatomic.so.1, which this machine lacks: install it',
  );
});

test.runIf(process.platform === 'linux')(
  'a program that is none has no libraries, a missing one is named',
  async () => {
    await expect(sharedLibraries('/no/such')).rejects.toThrow(/^ldd \/no\/such failed: .*No such file/);
    expect(await sharedLibraries(import.meta.filename)).toEqual([]);
  },
);

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

test.runIf(isRoot)('in an image of these files alone, Node runs as nonroot and resolves names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'runtime-test-'));
  const server = createSocket('udp4');
  try {
    const root = join(folder, 'root');
    await mkdir(root);
    const files = {
      ...(await nodeRuntimeFiles()),
      '/etc/hosts': { text: '192.0.2.1 by.file\n' },
      '/etc/resolv.conf': { text: 'nameserver 127.53.53.53\noptions timeout:1 attempts:1\n' },
    };
    const layer = join(folder, 'layer.tar');
    await writeFile(layer, tarStream(await layerEntries(files)));
    expect((await runProgram('tar', ['-xpf', layer, '-C', root])).exitCode).toBe(0);
    server.on('message', (query, { address, port }) => server.send(answer(query), port, address));
    server.bind(53, '127.53.53.53');
    await once(server, 'listening');
    const script = `
      const { lookup } = require('node:dns/promises');
      const { writeFileSync } = require('node:fs');
      const address = async (name) => (await lookup(name, 4)).address;
      writeFileSync('/tmp/writable', '');
      Promise.all(['by.file', 'by.dns'].map(address)).then((found) =>
        console.log(JSON.stringify({ found, user: require('node:os').userInfo().username, version: process.version })));`;
    const args = ['--userspec=65532:65532', root, '/nodejs/bin/node', '-e', script];
    const { stdout, stderr } = await runProgram('chroot', args);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      found: ['192.0.2.1', '192.0.2.2'],
      user: 'nonroot',
      version: process.version,
    });
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});

/** The DNS answer 192.0.2.2 to a query for an address, whatever its name. */
function answer(query: Buffer): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 2]);
  return Buffer.concat([header, question, record]);
}
