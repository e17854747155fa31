import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { VERSION } from '../package/version.ts';
import { BUNDLE_OPTIONS } from './bundle-options.ts';

/**
 * Bundles the operator and the dashboard's page into one file for Node and Deno.
 *
 * @param outfile absolute path; the licenses of what is in it are written to `OUTFILE.LEGAL.txt`
 * @param options `version`: the version the operator reports, by default the package's
 */
export async function bundleOperator(outfile: string, { version = VERSION }: { version?: string } = {}): Promise<void> {
  await build({
    ...BUNDLE_OPTIONS,
    entryPoints: [join('src', 'main.ts')],
    outfile,
    target: 'node24',
    minifyWhitespace: true,
    legalComments: 'linked',
    plugins: [packageVersion(version), ...BUNDLE_OPTIONS.plugins],
  });
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
