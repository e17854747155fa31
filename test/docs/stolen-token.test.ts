import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package/package-root.ts';
import type { Attack } from '../e2e/deploy/attacks/attack.ts';
import { ATTACKS } from '../e2e/deploy/attacks/index.ts';

const HEAD = ['with a stolen token', 'RBAC alone', 'with the policies', 'and namespaced', 'why'];

function table(attacks: readonly Attack[]): string {
  const rows = attacks.map(({ does, accepted, why }) => [does, ...accepted.map((yes) => (yes ? 'yes' : 'no')), why]);
  return [HEAD, HEAD.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const count = (column: 0 | 1 | 2) => ATTACKS.filter(({ accepted }) => accepted[column]).length;

/** Parts of the page and the attacks that they must list. test/e2e/deploy/stolen-token.test.ts plays them. */
const PARTS: [heading: string, text: string][] = [
  [
    'the counts',
    `Of ${ATTACKS.length} attacks, ${count(0)} succeed with RBAC alone, ${count(1)} with the policies, ${count(2)} with the policies and`,
  ],
  ['what remains', table(ATTACKS.filter(({ accepted }) => accepted[1]))],
  ['what the policies deny', table(ATTACKS.filter(({ accepted: [rbac, policies] }) => rbac && !policies))],
  ['what RBAC denies', table(ATTACKS.filter(({ accepted: [rbac, policies] }) => !rbac && !policies))],
];

test.each(PARTS)('docs/explanation/security.md has %s as the attacks say', async (_, text) => {
  const page = await readFile(join(packageRoot(), 'docs', 'explanation', 'security.md'), 'utf8');
  expect(page).toContain(text);
});

test('every attack that remains says why', () => {
  const silent = ATTACKS.filter(({ accepted, why }) => accepted[1] && ['policy', 'RBAC', ''].includes(why));
  expect(silent).toEqual([]);
});
