import { readFileSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS } from './bundle-options.ts';
import { bundleContents } from './supply-chain/bundle-contents.ts';
import { thirdPartyLicenses } from './supply-chain/third-party-licenses.ts';

/** What the programs' packages are listed in, next to the programs. */
export const PROGRAM_LICENSES = 'THIRD-PARTY-LICENSES.txt';

/**
 * Bundles the programs of the package. Each starts in a third of the time of the compiled ones, as Node need not find and read a
 * thousand files. They check the version of Node before they import the rest, so what they import is in files of its own.
 *
 * @param outdir absolute path; the licenses of the packages in the programs are written to a file in it
 * @throws Error if a package has a license that is not allowed, or no license text
 */
export async function bundlePrograms(outdir: string): Promise<void> {
  const root = BUNDLE_OPTIONS.absWorkingDir;
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  const programs = Object.values(bin).map((program) => relative(join('dist', 'src'), program));
  await rm(join(outdir, 'chunks'), { recursive: true, force: true });
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    entryPoints: programs.map((program) => join('src', program.replace(/\.js$/, '.ts'))),
    outbase: 'src',
    outdir,
    allowOverwrite: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    target: 'node22',
    legalComments: 'external',
    metafile: true,
  });
  const what = `the programs ${Object.keys(bin).join(', ')}`;
  await writeFile(join(outdir, PROGRAM_LICENSES), thirdPartyLicenses(what, bundleContents(metafile, root), root));
  for (const program of programs) await chmod(join(outdir, program), 0o755);
}

// The last step of `npm run build`: replaces the compiled programs.
if (import.meta.main) await bundlePrograms(join(BUNDLE_OPTIONS.absWorkingDir, 'dist', 'src'));
