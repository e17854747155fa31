import { createReadStream, type Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { bytesContent, type TarContent, type TarEntry } from './tar.ts';

/**
 * Where a path of an image comes from. Modes are permission bits; by default folders and executable files have 755 and other
 * files 644, whatever their owner's umask was.
 */
export type ImageFile =
  /** A file of this machine. A symlink is followed. */
  | { from: string; mode?: number }
  /** A file with this text. */
  | { text: string; mode?: number }
  /** A folder of this machine with all that is in it. Symlinks in it are followed. */
  | { folder: string }
  /** An empty folder, such as `/tmp` with mode 1777. */
  | { emptyFolder: true; mode?: number };

/** Files of an image by their absolute path in it. */
export type ImageFiles = Readonly<Record<string, ImageFile>>;

/** The files of an image, or of this machine for it, are missing, of an unsuitable kind or contradict each other. */
export class ImageFilesError extends Error {
  override readonly name = 'ImageFilesError';
}

/**
 * The entries of a layer with these files: the folders above them as well, sorted by path. A path that is given itself takes
 * precedence over the same path from a folder.
 *
 * @throws ImageFilesError
 */
export async function layerEntries(files: ImageFiles): Promise<TarEntry[]> {
  const entries = new Map<string, TarEntry>();
  const given = Object.entries(files).map(([path, file]) => ({ path: relativePath(path), file }));
  for (const { path, file } of given) {
    if ('folder' in file) await addFolder(entries, path, file.folder, []);
  }
  const own = new Set<string>();
  for (const { path, file } of given) {
    if ('folder' in file) continue;
    if (own.has(path)) throw new ImageFilesError(`/${path} is given twice`);
    own.add(path);
    entries.set(path, await entryOf(path, file));
  }
  for (const path of [...entries.keys()]) addFoldersAbove(entries, path);
  return [...entries.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

function relativePath(path: string): string {
  const relative = posix.normalize(path).replace(/^\/+|\/+$/g, '');
  if (!posix.isAbsolute(path) || relative === '' || path.split('/').includes('..')) {
    throw new ImageFilesError(`${JSON.stringify(path)} is not a path in an image: start it with / and leave .. out`);
  }
  return relative;
}

async function entryOf(path: string, file: Exclude<ImageFile, { folder: string }>): Promise<TarEntry> {
  if ('emptyFolder' in file) return { path, mode: file.mode ?? 0o755 };
  if ('text' in file) return { path, mode: file.mode ?? 0o644, content: bytesContent(Buffer.from(file.text)) };
  const stats = await statOf(path, file.from);
  if (stats.isDirectory()) {
    throw new ImageFilesError(
      `/${path}: ${file.from} is a folder; give it as { folder: ${JSON.stringify(file.from)} }`,
    );
  }
  return fileEntry(path, file.from, stats, file.mode);
}

function fileEntry(path: string, source: string, stats: Stats, mode?: number): TarEntry {
  if (!stats.isFile()) throw new ImageFilesError(`/${path}: ${source} is neither a file nor a folder`);
  return { path, mode: mode ?? (stats.mode & 0o111 ? 0o755 : 0o644), content: fileContent(source, stats.size) };
}

function fileContent(source: string, bytes: number): TarContent {
  return {
    bytes,
    open: async function* () {
      let read = 0;
      for await (const chunk of createReadStream(source, { highWaterMark: 1024 * 1024 })) {
        read += chunk.length;
        if (read > bytes) break;
        yield chunk;
      }
      if (read !== bytes) {
        throw new ImageFilesError(
          `${source} changed while it was read: it had ${bytes} bytes, and has ${read} or more`,
        );
      }
    },
  };
}

async function addFolder(
  entries: Map<string, TarEntry>,
  path: string,
  source: string,
  above: readonly string[],
): Promise<void> {
  if (!(await statOf(path, source)).isDirectory()) {
    throw new ImageFilesError(`/${path}: ${source} is not a folder; give it as { from: ${JSON.stringify(source)} }`);
  }
  const real = await realpath(source);
  if (above.includes(real)) throw new ImageFilesError(`/${path}: the symlink ${source} leads to a folder above itself`);
  entries.set(path, { path, mode: 0o755 });
  for (const name of await readdir(source)) {
    const [child, childSource] = [posix.join(path, name), join(source, name)];
    const stats = await statOf(child, childSource);
    if (stats.isDirectory()) await addFolder(entries, child, childSource, [...above, real]);
    else entries.set(child, fileEntry(child, childSource, stats));
  }
}

async function statOf(path: string, source: string): Promise<Stats> {
  try {
    return await stat(source);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'does not exist, or is a symlink to nothing' : `cannot be read: ${message}`;
    throw new ImageFilesError(`/${path}: ${source} ${problem}`, { cause: error });
  }
}

function addFoldersAbove(entries: Map<string, TarEntry>, path: string): void {
  for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
    const entry = entries.get(folder);
    if (entry?.content) throw new ImageFilesError(`/${folder} is a file, and /${path} needs it as a folder`);
    if (!entry) entries.set(folder, { path: folder, mode: 0o755 });
  }
}
