import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { pageFiles } from '../dashboard/page-files.ts';
import { packageRoot } from '../package/package-root.ts';
import { VERSION } from '../package/version.ts';

/** The programs of the package, by package.json's `bin`. */
const PROGRAMS = ['main.ts', 'cli/kubectl-restapi.ts', 'cli/kubectl-complete-restapi.ts'];

/** What all bundles share: they run on Node and Deno. */
const COMMON = {
  absWorkingDir: packageRoot(),
  bundle: true,
  platform: 'node',
  format: 'esm',
  // Class names are written into the cluster.
  keepNames: true,
  logLevel: 'warning',
  // A dependency of @dot-i/k8s-operator imports Node's own punycode, which prints a deprecation warning at every start.
  alias: { punycode: 'punycode/' },
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
} satisfies BuildOptions;

/**
 * Bundles the operator and the dashboard's page into one file for Node and Deno.
 *
 * @param outfile absolute path; the licenses of what is in it are written to `OUTFILE.LEGAL.txt`
 * @param options `version`: the version the operator reports, by default the package's
 */
export async function bundleOperator(outfile: string, { version = VERSION }: { version?: string } = {}): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: [join('src', 'main.ts')],
    outfile,
    target: 'node24',
    minifyWhitespace: true,
    legalComments: 'linked',
    plugins: [packageVersion(version), inlinedPage, noGeneratedClients],
  });
}

/**
 * Replaces the compiled programs of the package by bundles: each starts in a third of the time, as Node need not find and read a
 * thousand files. The programs check the version of Node before they import the rest, so this stays a file of its own.
 */
export async function bundlePrograms(): Promise<void> {
  const chunks = join('dist', 'src', 'chunks');
  await rm(join(packageRoot(), chunks), { recursive: true, force: true });
  await build({
    ...COMMON,
    entryPoints: PROGRAMS.map((program) => join('src', program)),
    outbase: 'src',
    outdir: join('dist', 'src'),
    allowOverwrite: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    target: 'node22',
    legalComments: 'external',
    plugins: [inlinedPage, noGeneratedClients],
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
