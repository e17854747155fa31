import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';

/** An entry of an archive. Folders have no content. */
export interface TarEntry {
  /** Relative path, with `/` between its parts. */
  path: string;
  /** Permission bits. */
  mode: number;
  /** Left out for a folder. */
  content?: TarContent;
}

export interface TarContent {
  bytes: number;
  /** Opens the content; called when its turn has come, so that few files are open at once. */
  open: () => AsyncIterable<Uint8Array>;
}

export function bytesContent(bytes: Uint8Array): TarContent {
  return {
    bytes: bytes.length,
    open: async function* () {
      yield bytes;
    },
  };
}

/**
 * The bytes of a tar archive with these entries in this order. Owner is root and the modification time 1970-01-01, so that
 * the same entries give the same bytes. While read it throws the error of a content.
 */
export function tarStream(entries: readonly TarEntry[]): AsyncIterable<Uint8Array> {
  const archive = pack();
  addEntries(archive, entries).catch((error: Error) => archive.destroy(error));
  return archive;
}

async function addEntries(archive: Pack, entries: readonly TarEntry[]): Promise<void> {
  for (const { path, mode, content } of entries) {
    const header = { mode, mtime: new Date(0), uid: 0, gid: 0 };
    if (content) {
      const sink = archive.entry({ ...header, name: path, type: 'file', size: content.bytes });
      await pipeline(Readable.from(content.open()), sink);
    } else {
      archive.entry({ ...header, name: `${path}/`, type: 'directory', size: 0 });
    }
  }
  archive.finalize();
}
