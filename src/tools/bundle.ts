import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { pageFiles } from '../dashboard/page-files.ts';
import { packageRoot } from '../package/package-root.ts';

// `npm run bundle`: builds the operator as one file for Node and Deno, with the dashboard's page inlined. Node runs this file
// directly, so that building an image needs no other build.
await build({
  absWorkingDir: packageRoot(),
  entryPoints: [join('src', 'main.ts')],
  outfile: join('dist', 'bundle', 'restapi-operator.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Class names are written to the cluster.
  keepNames: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
  // A dependency of @dot-i/k8s-operator imports Node's own punycode, which logs a deprecation warning at every start.
  alias: { punycode: 'punycode/' },
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  plugins: [
    {
      name: 'page-files',
      setup: ({ onLoad }) => {
        onLoad({ filter: /[\\/]dashboard[\\/]page-files\.ts$/ }, () => ({
          contents: `export const pageFiles = () => (${JSON.stringify(pageFiles())});`,
        }));
      },
    },
    {
      // The generated classes for every kind and request would be more than half of the file and a third of the start time, and
      // nothing here calls them. Stubs keep them constructible by name.
      name: 'no-generated-clients',
      setup: ({ onLoad }) => {
        onLoad({ filter: /client-node[\\/]dist[\\/]gen[\\/](apis|models|types)[\\/]/ }, ({ path }) => {
          const exported = readFileSync(path, 'utf8').matchAll(/^export (?:class|const|function) (\w+)/gm);
          return { contents: `${[...exported].map(([, name]) => `export class ${name} {}`).join('\n')}\nexport {};` };
        });
      },
    },
  ],
});
