import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package/package-root.ts';
import { headingsOf } from '../../src/tools/docs/headings.ts';
import { type Link, linksOf } from '../../src/tools/docs/links.ts';
import { markdownFiles, readPage } from '../../src/tools/docs/pages.ts';

const FILES = markdownFiles();

/** Where a reader begins. */
const ENTRANCES = ['README.md', 'docs/README.md'];

test('links lead to files and headings that exist', () => {
  const broken = FILES.flatMap((file) =>
    linksOf(file, readPage(file)).flatMap((link) => {
      const problem = problemOf(link);
      return problem ? [`${file}: ${link.href}: ${problem}`] : [];
    }),
  );
  expect(broken).toEqual([]);
});

test('every page can be reached from the README or the index of the docs', () => {
  const reached = new Set<string>();
  const open = [...ENTRANCES];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    open.push(...linksOf(file, readPage(file)).flatMap(({ path }) => (FILES.includes(path) ? [path] : [])));
  }
  expect(FILES.filter((file) => !reached.has(file))).toEqual([]);
});

test('a page has one title, and it is its first heading', () => {
  const wrong = FILES.filter((file) => {
    const levels = headingsOf(readPage(file)).map(({ level }) => level);
    return levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1;
  });
  expect(wrong).toEqual([]);
});

test('anchors are those of GitHub', () => {
  const markdown = ['# `a.b`: C & d', '```', '# no heading', '```', '## A [link](x.md)', '## A link'].join('\n');
  expect(headingsOf(markdown).map(({ id }) => id)).toEqual(['ab-c--d', 'a-link', 'a-link-1']);
});

test('links are found in text, tables and pictures, not in code', () => {
  const markdown = ['| [a](b.md#c) | ![p](p.png) |', '`[no](x.md)`', '```', '[no](y.md)', '```', '[u](https://a.b)'];
  expect(linksOf('docs/d/e.md', markdown.join('\n'))).toEqual([
    { href: 'b.md#c', path: 'docs/d/b.md', anchor: 'c' },
    { href: 'p.png', path: 'docs/d/p.png' },
  ]);
});

function problemOf({ path, anchor }: Link): string | undefined {
  const absolute = join(packageRoot(), path);
  if (path.startsWith('..') || !existsSync(absolute)) return 'no such file';
  if (anchor === undefined) return undefined;
  if (statSync(absolute).isDirectory() || !path.endsWith('.md')) return 'an anchor of something that is no page';
  return headingsOf(readPage(path)).some(({ id }) => id === anchor) ? undefined : 'no such heading';
}
