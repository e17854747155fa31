import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { build } from 'esbuild';

/** Names of Node's modules, with and without prefix. */
const BUILTIN = new RegExp(`^(node:.*|${builtinModules.join('|')})$`);

// `node build.ts [FILE]`: bundles the shop and its dependencies into one file, which needs nothing but Node.
await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/main.ts'],
  outfile: resolve(process.argv[2] ?? `${import.meta.dirname}/dist/shop.mjs`),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  keepNames: true,
  legalComments: 'linked',
  logLevel: 'warning',
  // For dependencies that are CommonJS, and for the plugin.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  plugins: [
    {
      // Requires Node's modules instead of importing them. An import reads all exports of a module, and those of node:http
      // include WebSocket, which loads a whole HTTP client: 15 MB of memory, and twice the start time.
      name: 'require-node-modules',
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: BUILTIN }, ({ path, kind }) =>
          kind === 'import-statement' ? { path, namespace: 'node-module' } : { path, external: true },
        );
        onLoad({ filter: /./, namespace: 'node-module' }, ({ path }) => ({
          contents: `module.exports = require(${JSON.stringify(path)});`,
        }));
      },
    },
  ],
});
