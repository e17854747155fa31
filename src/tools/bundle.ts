import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { pageFiles } from '../dashboard/page-files.ts';
import { packageRoot } from '../package/package-root.ts';

// `npm run bundle`: the operator in one file, for Node and Deno, with the dashboard's page in it. Run by Node from this very
// file, as building an image needs no other build.
await build({
  absWorkingDir: packageRoot(),
  entryPoints: [join('src', 'main.ts')],
  outfile: join('dist', 'bundle', 'restapi-operator.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Names of classes are written into the cluster.
  keepNames: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
  // A dependency of @dot-i/k8s-operator asks for Node's own, which warns at every start that it will be gone one day.
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
      // More than half of the file otherwise, and a third of the time an operator takes to start: classes for every kind and
      // every request there is, of which nothing here calls any. What is created of them by name stays creatable.
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
