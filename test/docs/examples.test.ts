import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package/package-root.ts';
import { markdownFiles, readPage } from '../../src/tools/docs/pages.ts';

/** Code blocks after a comment `<!-- file: PATH -->`. */
const FILE_BLOCKS = /^<!-- file: (?<path>\S+) -->\n```\w*\n(?<text>.*?)^```$/gms;

const blocks = markdownFiles().flatMap((page) =>
  [...readPage(page).matchAll(FILE_BLOCKS)].map(({ groups = {} }) => ({ page, path: '', text: '', ...groups })),
);

test('a code block that is marked as a file has the text of that file', () => {
  const different = blocks.filter(({ path, text }) => readFileSync(join(packageRoot(), path), 'utf8') !== text);
  expect(different.map(({ page, path }) => `${page}: ${path}`)).toEqual([]);
});

test('the tutorials show the whole first operator and the dependent of a project of its own', () => {
  const paths = blocks.map(({ path }) => path);
  expect(paths.filter((path) => path.startsWith('examples/greeting/'))).toHaveLength(8);
  expect(paths.filter((path) => path.startsWith('examples/out-of-tree-dependent/'))).toHaveLength(2);
});
