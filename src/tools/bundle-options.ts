import { readFileSync } from 'node:fs';
import type { BuildOptions, Plugin } from 'esbuild';
import { pageFiles } from '../dashboard/page-files.ts';
import { packageRoot } from '../package/package-root.ts';

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

/** What all bundles share: they run on Node and Deno. */
export const BUNDLE_OPTIONS = {
  absWorkingDir: packageRoot(),
  bundle: true,
  platform: 'node',
  format: 'esm',
  // Class names are written into the cluster.
  keepNames: true,
  logLevel: 'warning',
  // Paths are in the output: they must not depend on where a link to node_modules leads.
  preserveSymlinks: true,
  // A dependency of @dot-i/k8s-operator imports Node's own punycode, which prints a deprecation warning at every start.
  alias: { punycode: 'punycode/' },
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  plugins: [inlinedPage, noGeneratedClients],
} satisfies BuildOptions;
