import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Runs a function with a folder next to a file that is to be written, and removes the folder at its end. @returns what it returns */
export async function withFolderNextTo<T>(path: string, use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const folder = await mkdtemp(`${path}-`);
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
