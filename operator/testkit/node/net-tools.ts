import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../binaries.ts';
import { withLock } from '../cache-lock.ts';
import { isOnPath } from '../on-path.ts';
import { debianLibraries, unpackDebianPackages } from './debian-packages.ts';

const PACKAGES = (
  'nftables libnftables1 libnftnl11 libmnl0 libjansson4 libgmp10 libedit2 libxtables12 libbsd0 libmd0 libtinfo6 ' +
  'iptables libip4tc2 libip6tc2 libnetfilter-conntrack3 libnfnetlink0'
).split(' ');

/**
 * The folder with the programs `nft`, by which kube-proxy writes its rules, and `iptables` (of nftables): this machine's, else
 * those of Debian's packages, unpacked into the cache.
 *
 * @returns the folder to put on a node's PATH; undefined if this machine has both on its own
 * @throws Error when neither can be had, with what helps
 */
export async function ensureNetTools(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string | undefined> {
  if (isOnPath('nft', env) && isOnPath('iptables-nft', env)) return undefined;
  const cache = cacheFolder(env);
  const folder = join(cache, `net-tools-debian-${process.arch}`);
  const bin = join(folder, 'bin');
  if (existsSync(bin)) return bin;
  const install = async () => {
    if (existsSync(bin)) return;
    const part = `${folder}.part`;
    await rm(part, { recursive: true, force: true });
    await unpackDebianPackages(PACKAGES, part, signal).catch((error: Error) => {
      signal?.throwIfAborted();
      throw new Error(
        `a real node needs nft and iptables-nft: install the packages nftables and iptables. ` +
          `Debian's could not be unpacked instead: ${error.message}`,
      );
    });
    await mkdir(join(part, 'bin'));
    // With the packages' own libraries; the paths are those of the folder's final name.
    const libraries = debianLibraries(folder);
    const script = (command: string) =>
      `#!/bin/sh\nLD_LIBRARY_PATH=${libraries} XTABLES_LIBDIR=${join(libraries, 'xtables')} exec ${command} "$@"\n`;
    const sbin = join(folder, 'usr', 'sbin');
    await writeFile(join(part, 'bin', 'nft'), script(join(sbin, 'nft')), { mode: 0o755 });
    await writeFile(join(part, 'bin', 'iptables-nft'), script(`${join(sbin, 'xtables-nft-multi')} iptables`), {
      mode: 0o755,
    });
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
  };
  await withLock(join(cache, 'lock'), () => {}, install, signal);
  return bin;
}
