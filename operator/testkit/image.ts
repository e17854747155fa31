import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ImageFiles, layerEntries } from './image-files.ts';
import { fullImageName } from './image-name.ts';
import { bytesContent, type TarEntry, tarStream } from './tar.ts';

export type { ImageFile, ImageFiles } from './image-files.ts';

export interface ImageOptions {
  /** `shop:1.0.0` or `registry.example.com/shop:1.0.0`; without a registry it is Docker Hub's, without a tag `latest`. */
  name: string;
  /** The program and its first arguments. */
  entrypoint: readonly string[];
  /** Arguments after those of the entrypoint, which `args` of a container replaces. */
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** User and group; by default `65532:65532`. Numbers let the kubelet see that it is not root. */
  user?: string;
  /** By default `/`. */
  workingDir?: string;
  files: ImageFiles;
}

/** An image in a file. */
export interface Image {
  /** The full name, with registry and tag. */
  name: string;
  /** `sha256:…` of the manifest; the same for the same options and file contents. */
  digest: string;
  /** Size of the layer in bytes. */
  bytes: number;
}

const TYPES = 'application/vnd.oci.image';

/**
 * Writes a container image to a tar file, without a container engine or a registry: an OCI image layout with one uncompressed
 * layer, for the processor architecture of this machine. `ctr --namespace k8s.io images import FILE` and `kind load
 * image-archive FILE` take it, skopeo copies it from `oci-archive:FILE`. Files are streamed, and read twice.
 *
 * @param path of the tar file; it appears, with the folders above it, only when the image is complete
 * @returns name, digest and size
 * @throws ImageFilesError when a file is missing or of an unsuitable kind; Error for a malformed name
 * @example
 * ```ts
 * const { digest } = await writeImage('dist/shop.tar', {
 *   name: 'shop:1.0.0',
 *   entrypoint: [process.execPath, '/app/shop.mjs'],
 *   env: { LOG_LEVEL: 'info' },
 *   files: {
 *     ...(await nodeRuntimeFiles()),
 *     '/app/shop.mjs': { from: 'dist/shop.mjs' },
 *     '/app/banner.txt': { text: 'Shop' },
 *     '/tmp': { emptyFolder: true, mode: 0o1777 },
 *   },
 * });
 * ```
 */
export async function writeImage(path: string, options: ImageOptions): Promise<Image> {
  const name = fullImageName(options.name);
  const files = await layerEntries(options.files);
  const layer = await measure(tarStream(files));
  const config = blob(`${TYPES}.config.v1+json`, imageConfig(options, layer.digest));
  const manifest = blob(`${TYPES}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${TYPES}.manifest.v1+json`,
    config: config.descriptor,
    layers: [{ mediaType: `${TYPES}.layer.v1.tar`, digest: layer.digest, size: layer.bytes }],
  });
  const index = blob(`${TYPES}.index.v1+json`, imageIndex(name, manifest.descriptor));
  const layout = blob('', { imageLayoutVersion: '1.0.0' });
  await writeFileAtomically(path, [
    { path: 'oci-layout', mode: 0o644, content: layout.content },
    { path: 'index.json', mode: 0o644, content: index.content },
    { path: blobPath(config.descriptor.digest), mode: 0o644, content: config.content },
    { path: blobPath(manifest.descriptor.digest), mode: 0o644, content: manifest.content },
    {
      path: blobPath(layer.digest),
      mode: 0o644,
      content: { bytes: layer.bytes, open: () => checked(files, layer.digest) },
    },
  ]);
  return { name, digest: manifest.descriptor.digest, bytes: layer.bytes };
}

function imageConfig({ entrypoint, args, env = {}, user, workingDir }: ImageOptions, layerDigest: string): object {
  return {
    created: '1970-01-01T00:00:00Z',
    ...platform(),
    config: {
      User: user ?? '65532:65532',
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      Entrypoint: entrypoint,
      Cmd: args,
      WorkingDir: workingDir ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: [layerDigest] },
  };
}

function imageIndex(name: string, manifest: object): object {
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
  return {
    schemaVersion: 2,
    mediaType: `${TYPES}.index.v1+json`,
    manifests: [{ ...manifest, platform: platform(), annotations }],
  };
}

/** Go's names of what Node calls otherwise. */
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', ia32: '386' };

function platform(): { architecture: string; os: string } {
  return { architecture: ARCHITECTURES[process.arch] ?? process.arch, os: 'linux' };
}

function blob(mediaType: string, value: object) {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { descriptor: { mediaType, digest, size: bytes.length }, content: bytesContent(bytes) };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

async function measure(stream: AsyncIterable<Uint8Array>): Promise<{ digest: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}

/** The layer again: its digest stands in the manifest, which must not name content that has changed since. */
async function* checked(files: readonly TarEntry[], digest: string): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of tarStream(files)) {
    hash.update(chunk);
    yield chunk;
  }
  if (`sha256:${hash.digest('hex')}` !== digest) {
    throw new Error('a file changed while the image was being written; write the image again');
  }
}

async function writeFileAtomically(path: string, entries: readonly TarEntry[]): Promise<void> {
  const unfinished = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await pipeline(tarStream(entries), createWriteStream(unfinished));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
