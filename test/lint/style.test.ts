import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { packageRoot } from '../../src/package/package-root.ts';
import { sourceFiles } from './source-files.ts';

/**
 * Words that docs/contributing/style.md replaces by the field's own, as they turn up in texts that a person reads: errors,
 * log lines, Events, conditions, field descriptions, command line and page.
 */
const HOUSE_WORDS = [
  /\b(tells?|told)\b/i,
  /\bput(s|ting)? (it |them )?back\b/i,
  /\b(take|takes|took|taken|taking) (it |them )?off\b/i,
  /\b(give|gives|gave|given|giving) (it |them )?up\b/i,
  /\b(is|are|was|were|not) well\b/i,
  /\bmend(s|ed|ing)?\b/i,
  /\banew\b/i,
  /\bbeside\b/i,
  /\bbears?\b/i,
  /\b(go|goes|went|going) by\b/i,
  /\bin words\b/i,
  /\b(some|any|no)body\b/i,
  /\b(is|are) to be\b/i,
  /(?<!soon )\bas (it|they) (is|are)\b/i,
  /\blook(s|ed|ing)? at\b/i,
  /\bwhat is asked for\b/i,
  /\bin the way\b/i,
  /\bstand(s|ing)? by\b/i,
  /\bwho(ever)? (looks?|waits?)\b/i,
  /\bcannot be had\b/i,
];

interface Node {
  type: string;
  [key: string]: unknown;
}

/** The texts of several words in a source file: string literals and the fixed parts of templates. Comments are none. */
function textsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsOf);
  if (typeof node !== 'object' || node === null) return [];
  const { type, value, quasis } = node as Node;
  if (type === 'Literal') return typeof value === 'string' ? [value] : [];
  const own =
    type === 'TemplateLiteral'
      ? [(quasis as { value: { cooked: string } }[]).map((q) => q.value.cooked).join('…')]
      : [];
  return [...own, ...Object.entries(node).flatMap(([key, child]) => (key === 'quasis' ? [] : textsOf(child)))];
}

function houseWordsIn(file: string): string[] {
  const code = readFileSync(join(packageRoot(), file), 'utf8');
  return textsOf(parseAst(code, { lang: 'ts' }))
    .filter((text) => /\S\s+\S/.test(text))
    .flatMap((text) =>
      HOUSE_WORDS.flatMap((word) => word.exec(text)?.[0] ?? []).map((found) => `${file}: "${found}" in "${text}"`),
    );
}

test('texts that a person reads use the words of the field', () => {
  const files = sourceFiles(/(?<!\.d)\.(ts|js)$/);
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap(houseWordsIn)).toEqual([]);
});
