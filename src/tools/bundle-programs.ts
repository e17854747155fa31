import { readFileSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { packageRoot } from '../package/package-root.ts';
import { BUNDLE_OPTIONS } from './bundle-options.ts';

// The last step of `npm run build`: replaces the compiled programs of the package by bundles. Each starts in a third of the time,
// as Node need not find and read a thousand files. They check the version of Node before they import the rest, so what they import
// is in files of its own.

const root = packageRoot();
const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
const programs = Object.values(bin);
await rm(join(root, 'dist', 'src', 'chunks'), { recursive: true, force: true });
await build({
  ...BUNDLE_OPTIONS,
  entryPoints: programs.map((program) => program.replace(/^dist\//, '').replace(/\.js$/, '.ts')),
  outbase: 'src',
  outdir: join('dist', 'src'),
  allowOverwrite: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  target: 'node22',
  legalComments: 'external',
});
for (const program of programs) await chmod(join(root, program), 0o755);
