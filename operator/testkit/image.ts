import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { currentPlatform } from './binary-spec.ts';
import { type ImageFiles, layerEntries } from './image-files.ts';
import { fullImageName } from './image-name.ts';
import { bytesContent, type TarContent, type TarEntry, tarStream } from './tar.ts';

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
  /** By default 1970-01-01, so that the same options give the same digest. */
  created?: Date;
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
  const [image] = await writeImages(path, [options]);
  return image as Image;
}

/**
 * Writes several images to one tar file. Those that are given the same `files` object share its layer, so that versions that
 * differ in their environment only are written, imported and stored once. See {@link writeImage}.
 *
 * @returns name, digest and size of each image
 * @throws ImageFilesError when a file is missing or of an unsuitable kind; Error for a malformed name, or one given twice
 */
export async function writeImages(path: string, images: readonly ImageOptions[]): Promise<Image[]> {
  const layers = new Map<ImageFiles, Layer>();
  const blobs = new Map<string, TarEntry>();
  const add = ({ digest }: Descriptor, content: TarContent) =>
    blobs.set(digest, { path: blobPath(digest), mode: 0o644, content });
  const manifests: object[] = [];
  const written: Image[] = [];
  for (const options of images) {
    const name = fullImageName(options.name);
    if (written.some((one) => one.name === name)) throw new Error(`the image ${name} is given twice`);
    const layer = layers.get(options.files) ?? (await layerOf(options.files));
    layers.set(options.files, layer);
    const config = blob(`${TYPES}.config.v1+json`, imageConfig(options, layer.descriptor.digest));
    const manifest = blob(`${TYPES}.manifest.v1+json`, {
      schemaVersion: 2,
      mediaType: `${TYPES}.manifest.v1+json`,
      config: config.descriptor,
      layers: [layer.descriptor],
    });
    for (const { descriptor, content } of [config, manifest, layer]) add(descriptor, content);
    manifests.push(indexEntry(name, manifest.descriptor));
    written.push({ name, digest: manifest.descriptor.digest, bytes: layer.descriptor.size });
  }
  const index = blob('', { schemaVersion: 2, mediaType: `${TYPES}.index.v1+json`, manifests });
  const layout = blob('', { imageLayoutVersion: '1.0.0' });
  await writeFileAtomically(path, [
    { path: 'oci-layout', mode: 0o644, content: layout.content },
    { path: 'index.json', mode: 0o644, content: index.content },
    ...blobs.values(),
  ]);
  return written;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

interface Layer {
  descriptor: Descriptor;
  content: TarContent;
}

async function layerOf(given: ImageFiles): Promise<Layer> {
  const files = await layerEntries(given);
  const { digest, bytes } = await measure(tarStream(files));
  return {
    descriptor: { mediaType: `${TYPES}.layer.v1.tar`, digest, size: bytes },
    content: { bytes, open: () => checked(files, digest) },
  };
}

function imageConfig(options: ImageOptions, layerDigest: string): object {
  const { entrypoint, args, env = {}, user, workingDir, created = new Date(0) } = options;
  return {
    created: created.toISOString(),
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

/** An image in the index. The annotation is the name by which containerd imports it. */
function indexEntry(name: string, manifest: Descriptor): object {
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
  return { ...manifest, platform: platform(), annotations };
}

function platform(): { architecture: string; os: string } {
  return { architecture: currentPlatform().arch, os: 'linux' };
}

function blob(mediaType: string, value: object): { descriptor: Descriptor; content: TarContent } {
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
