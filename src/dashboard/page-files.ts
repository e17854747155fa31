import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { PageFile, PageFiles } from '../../operator/index.ts';
import { packageRoot } from '../package/package-root.ts';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Returns the files of the dashboard's page, unchanged from `src/dashboard/page`. The bundle inlines them (src/tools/bundle-options.ts).
 * @throws Error if the package is incomplete
 */
export function pageFiles(): PageFiles {
  const folder = join(packageRoot(), 'src', 'dashboard', 'page');
  const files = readdirSync(folder).flatMap((name): [string, PageFile][] => {
    const contentType = TYPES[extname(name)];
    if (!contentType) return [];
    return [
      [name === 'index.html' ? '/' : `/${name}`, { contentType, body: readFileSync(join(folder, name), 'utf8') }],
    ];
  });
  return Object.fromEntries(files);
}
