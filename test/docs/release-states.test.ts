import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RELEASE_PHASES } from '../../resources/api/release-status.ts';
import { packageRoot } from '../../src/package/package-root.ts';

const read = (path: string) => readFileSync(join(packageRoot(), 'docs', path), 'utf8');

test('the table and the picture of the states have the same states, and every phase of a release is among them', () => {
  const rows = [...read('explanation/release-states.md').matchAll(/^\| (`?)([\w ]+)\1 \|/gm)]
    .map(([, quote, name = '']) => ({ name, isPhase: quote === '`' }))
    .filter(({ name }) => name !== 'state');
  const boxes = [...read('pictures/release-states.svg').matchAll(/class="name"[^>]*>([\w ]+)</g)].map(
    ([, name]) => name,
  );
  expect(boxes.sort()).toEqual(rows.map(({ name }) => name).sort());
  expect(rows.filter(({ isPhase }) => isPhase).map(({ name }) => name)).toEqual(
    [...RELEASE_PHASES].sort(
      (a, b) => rows.findIndex(({ name }) => name === a) - rows.findIndex(({ name }) => name === b),
    ),
  );
});
