import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { packageRoot } from '../../package/package-root.ts';

/** Pages of the site that are outside of `docs/`, and where they are in the site. */
const OUTSIDE: Readonly<Record<string, string>> = {
  'CONTRIBUTING.md': 'contributing/index.html',
  'SECURITY.md': 'contributing/security.html',
  'RELEASING.md': 'contributing/releasing.html',
  'CHANGELOG.md': 'changelog.html',
  'operator/testkit/README.md': 'reference/test-kit.html',
};

/** Returns every Markdown file with documentation, by its path in the repository. */
export function markdownFiles(): string[] {
  const root = packageRoot();
  const docs = globSync('docs/**/*.md', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return ['README.md', ...Object.keys(OUTSIDE).filter((path) => existsSync(join(root, path))), ...docs.sort()];
}

/** Returns where a Markdown file is in the site. @returns undefined if it is no page of it */
export function sitePath(file: string): string | undefined {
  if (file === 'README.md' || file === 'docs') return 'index.html';
  const outside = OUTSIDE[file];
  if (outside) return outside;
  if (!file.startsWith('docs/')) return undefined;
  const path = posix.relative('docs', file);
  if (!path.endsWith('.md'))
    return existsSync(join(packageRoot(), file, 'README.md')) ? `${path}/index.html` : undefined;
  return path.replace(/(^|\/)README\.md$/, '$1index.md').replace(/\.md$/, '.html');
}

/** Reads a file of the repository. */
export function readPage(file: string): string {
  return readFileSync(join(packageRoot(), file), 'utf8');
}
