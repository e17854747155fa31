import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runProgram } from './run-program.ts';

/** A released binary and how its SHA-256 is published. */
export interface Download {
  url: string;
  checksum: {
    url: string;
    /** `sha256sum`: lines of sum and file name, or the sum alone. `github-release`: GitHub's JSON of a release with its assets. */
    format: 'sha256sum' | 'github-release';
    /** The file's name in that list. */
    entry: string;
  };
  /** The binary's path when what is downloaded is a tar or zip archive. */
  archiveMember?: string;
}

/** A download failed. `unreachable`: the host gave no answer at all, so there is no use in asking it for the next file. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  readonly url: string;
  readonly unreachable: boolean;

  constructor(url: string, message: string, unreachable = false, options?: ErrorOptions) {
    super(`${message} (${url})`, options);
    this.url = url;
    this.unreachable = unreachable;
  }
}

/** How long a server may take to begin an answer. Someone without a network must not wait long before a build starts. */
const ANSWER_DEADLINE_MS = 4000;
/** How long a transfer may stall. */
const STALL_DEADLINE_MS = 20_000;

/**
 * Downloads a binary to a path and checks its SHA-256; the file exists only if the checksum matches.
 *
 * @throws DownloadError when the download fails or the checksum is wrong
 */
export async function downloadBinary(download: Download, path: string, signal?: AbortSignal): Promise<void> {
  const expected = await publishedChecksum(download, signal);
  const part = `${path}.part`;
  try {
    const actual = await fetchTo(download.url, part, signal);
    if (actual !== expected) {
      throw new DownloadError(download.url, `wrong checksum: SHA-256 is ${actual}, published is ${expected}`);
    }
    if (download.archiveMember === undefined) await rename(part, path);
    else await extract(download.url, part, download.archiveMember, path);
    await chmod(path, 0o755);
  } finally {
    await rm(part, { force: true });
  }
}

async function publishedChecksum({ checksum }: Download, signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  await transfer(checksum.url, signal, async (body) => {
    for await (const chunk of body) chunks.push(chunk as Buffer);
  });
  const text = Buffer.concat(chunks).toString();
  const sum = checksum.format === 'sha256sum' ? sumInList(text, checksum.entry) : sumInRelease(text, checksum.entry);
  if (sum === undefined) throw new DownloadError(checksum.url, `no SHA-256 of ${checksum.entry} there`);
  return sum;
}

function sumInList(text: string, entry: string): string | undefined {
  for (const line of text.split('\n')) {
    const [, sum, name] = /^([0-9a-f]{64})(?:\s+\*?(\S+))?\s*$/i.exec(line) ?? [];
    if (sum !== undefined && (name === undefined || name === entry)) return sum.toLowerCase();
  }
  return undefined;
}

function sumInRelease(text: string, entry: string): string | undefined {
  try {
    const release = JSON.parse(text) as { assets?: { name: string; digest?: string | null }[] };
    const digest = release.assets?.find(({ name }) => name === entry)?.digest ?? '';
    return /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  } catch {
    return undefined;
  }
}

async function fetchTo(url: string, path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await transfer(url, signal, async (body) => {
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(body, hashing, createWriteStream(path, { mode: 0o600 }));
  });
  return hash.digest('hex');
}

/** One GET with deadlines for the start of the answer and for stalls instead of the whole: a slow connection is no error. */
async function transfer(
  url: string,
  signal: AbortSignal | undefined,
  read: (body: Readable) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const onAbort = () => abort.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', onAbort);
  let answered = false;
  const giveUp = (why: string) => () => abort.abort(new Error(why));
  let timer = setTimeout(giveUp(`no answer within ${ANSWER_DEADLINE_MS / 1000} s`), ANSWER_DEADLINE_MS);
  try {
    const response = await fetch(url, { signal: abort.signal, redirect: 'follow' });
    answered = true;
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new DownloadError(url, `HTTP ${response.status}`);
    }
    const body = Readable.fromWeb(response.body);
    body.on('data', () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp(`no data for ${STALL_DEADLINE_MS / 1000} s`), STALL_DEADLINE_MS);
    });
    body.pause();
    await read(body);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DownloadError) throw error;
    const reason = abort.signal.aborted ? (abort.signal.reason as Error) : (error as Error);
    const detail = reason.cause instanceof Error ? reason.cause.message : reason.message;
    throw new DownloadError(url, detail, !answered, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function extract(url: string, archive: string, member: string, path: string): Promise<void> {
  // The tar of Linux reads tar.gz, that of macOS zip as well: the formats in which releases come for each.
  const folder = `${archive}.files`;
  await mkdir(folder);
  try {
    const { exitCode, stderr } = await runProgram('tar', ['-xf', archive, '-C', folder, member]);
    if (exitCode !== 0) throw new DownloadError(url, `tar cannot read ${member}: ${stderr.trim()}`);
    await rename(join(folder, member), path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
