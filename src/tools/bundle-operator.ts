import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { pageFiles } from '../dashboard/page-files.ts';
import { packageRoot } from '../package/package-root.ts';
import { VERSION } from '../package/version.ts';

/**
 * Bundles the operator and the dashboard's page into one file for Node and Deno.
 *
 * @param outfile absolute path; the licenses of what is in it are written to `OUTFILE.LEGAL.txt`
 * @param options `version`: the version the operator reports, by default the package's
 */
export async function bundleOperator(outfile: string, { version = VERSION }: { version?: string } = {}): Promise<void> {
  await build({
    absWorkingDir: packageRoot(),
    entryPoints: [join('src', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // Class names are written into the cluster.
    keepNames: true,
    minifyWhitespace: true,
    legalComments: 'linked',
    logLevel: 'warning',
    // A dependency of @dot-i/k8s-operator imports Node's own punycode, which prints a deprecation warning at every start.
    alias: { punycode: 'punycode/' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [packageVersion(version), inlinedPage, noGeneratedClients],
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

const inlinedPage: Plugin = {
  name: 'page-files',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]dashboard[\\/]page-files\.ts$/ }, () => ({
      contents: `export const pageFiles = () => (${JSON.stringify(pageFiles())});`,
    }));
  },
};

/**
 * Replaces the generated classes for all kinds and requests, none of which is called, by empty ones: they would take more than
 * half of the file and a third of the start time. Code that instantiates them by name still works.
 */
const noGeneratedClients: Plugin = {
  name: 'no-generated-clients',
  setup: ({ onLoad }) => {
    onLoad({ filter: /client-node[\\/]dist[\\/]gen[\\/](apis|models|types)[\\/]/ }, ({ path }) => {
      const exported = readFileSync(path, 'utf8').matchAll(/^export (?:class|const|function) (\w+)/gm);
      return { contents: `${[...exported].map(([, name]) => `export class ${name} {}`).join('\n')}\nexport {};` };
    });
  },
};
