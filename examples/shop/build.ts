import { resolve } from 'node:path';
import { build } from 'esbuild';

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
  // Some dependencies are CommonJS.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
