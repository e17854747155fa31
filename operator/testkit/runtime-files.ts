import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ImageFiles } from './image-files.ts';
import { sharedLibraries } from './shared-libraries.ts';

/** Path of Node in images with {@link nodeRuntimeFiles}; the same as in Google's distroless images. */
export const IMAGE_NODE = '/nodejs/bin/node';

/** By which glibc resolves names. Since 2.34 it has this in itself, and Debian's libraries of these names are empty. */
const NAME_SERVICE = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** Where distributions keep the certificates of the public certificate authorities. */
const CERTIFICATES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

/**
 * Files for {@link writeImage} with which Node runs in an image of nothing else: Node itself as `/nodejs/bin/node`, the shared
 * libraries it needs and the rest of {@link programFiles}.
 *
 * @param options `node`: path of the Node to take, by default the one that runs this
 * @throws Error on another system than Linux
 * @example
 * ```ts
 * await writeImage('dist/shop.tar', {
 *   name: 'shop:1.0.0',
 *   entrypoint: ['/nodejs/bin/node', '/app/shop.mjs'],
 *   files: { ...(await nodeRuntimeFiles()), '/app/shop.mjs': { from: 'dist/shop.mjs' } },
 * });
 * ```
 */
export function nodeRuntimeFiles({ node = process.execPath }: { node?: string } = {}): Promise<ImageFiles> {
  return programFiles(IMAGE_NODE, node);
}

/**
 * Files for {@link writeImage} with which a program of this machine runs in an image of nothing else: the program, its shared
 * libraries where they are here, name resolution, certificates of the public certificate authorities if this machine has
 * them, the user `nonroot` (65532) and a `/tmp` for everybody.
 *
 * @param path in the image
 * @param program path on this machine
 * @throws Error on another system than Linux
 */
export async function programFiles(path: string, program: string): Promise<ImageFiles> {
  const libraries = await sharedLibraries(program);
  const libc = libraries.find((library) => library.endsWith('/libc.so.6'));
  const nameService = libc ? NAME_SERVICE.map((name) => join(dirname(libc), name)).filter(existsSync) : [];
  const certificates = CERTIFICATES.find(existsSync);
  return {
    [path]: { from: program, mode: 0o755 },
    ...Object.fromEntries([...libraries, ...nameService].map((library) => [library, { from: library }])),
    ...(certificates && { '/etc/ssl/certs/ca-certificates.crt': { from: certificates } }),
    '/etc/nsswitch.conf': { text: 'hosts: files dns\n' },
    '/etc/passwd': {
      text: 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
    },
    '/etc/group': { text: 'root:x:0:\nnonroot:x:65532:\n' },
    '/home/nonroot': { emptyFolder: true },
    '/tmp': { emptyFolder: true, mode: 0o1777 },
  };
}
