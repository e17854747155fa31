import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { VERSION } from '../package/version.ts';
import { BUNDLE_OPTIONS } from './bundle-options.ts';
import { type BundleContents, bundleContents } from './supply-chain/bundle-contents.ts';
import { thirdPartyLicenses } from './supply-chain/third-party-licenses.ts';

/**
 * Bundles the operator and the dashboard's page into one file for Node and Deno. The same source gives the same bytes.
 *
 * @param outfile absolute path; the licenses of the packages in it are written to `OUTFILE.LEGAL.txt`
 * @param options `version`: the version the operator reports, by default the package's
 * @returns the packages in it
 * @throws Error if a package has a license that is not allowed, or no license text
 */
export async function bundleOperator(
  outfile: string,
  { version = VERSION }: { version?: string } = {},
): Promise<BundleContents> {
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    entryPoints: [join('src', 'main.ts')],
    outfile,
    target: 'node24',
    minifyWhitespace: true,
    legalComments: 'linked',
    metafile: true,
    plugins: [packageVersion(version), ...BUNDLE_OPTIONS.plugins],
  });
  const contents = bundleContents(metafile, BUNDLE_OPTIONS.absWorkingDir);
  const licenses = thirdPartyLicenses(`restapi-operator ${version}`, contents, BUNDLE_OPTIONS.absWorkingDir);
  // Comments about code that packages took from others.
  const comments = await readFile(`${outfile}.LEGAL.txt`, 'utf8');
  await writeFile(`${outfile}.LEGAL.txt`, `${licenses}\n${'-'.repeat(80)}\n${comments}`);
  return contents;
}

function packageVersion(version: string): Plugin {
  return {
    name: 'package-version',
    setup: ({ onLoad }) => {
      onLoad({ filter: /[\\/]package[\\/]version\.ts$/ }, () => ({
        contents: `export const VERSION = ${JSON.stringify(version)};`,
      }));
    },
  };
}
