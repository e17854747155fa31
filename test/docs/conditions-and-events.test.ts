import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package/package-root.ts';
import { readPage } from '../../src/tools/docs/pages.ts';
import { conditionsAndEvents } from '../../src/tools/reference/conditions-and-events.ts';

const FOLDERS = ['operator/runtime', 'src/blue-green', 'src/controller', 'src/healing', 'src/scaling', 'src/workload'];

/** Reasons that are in neither a condition nor an Event: why a single pod is not resized, and the result of a step. */
const INTERNAL = ['AsRecommended', 'Deferred', 'Error', 'Infeasible', 'NoRequests', 'NothingKnown', 'Off', 'Refused'];

test('the reference page is generated from the current tables', () => {
  expect(readPage('docs/reference/conditions-and-events.md')).toBe(conditionsAndEvents());
});

test('the reference page lists every reason and condition type that the code names', () => {
  const page = conditionsAndEvents();
  const options = ['-rhoE', "\\b(reason|type): '[A-Z][A-Za-z]+'", ...FOLDERS, '--include=*.ts'];
  const found = execFileSync('grep', options, { cwd: packageRoot(), encoding: 'utf8' });
  const names = new Set(
    [...found.matchAll(/'(\w+)'/g)]
      .map(([, name]) => name as string)
      .filter((name) => !['Normal', 'Warning', ...INTERNAL].includes(name)),
  );
  expect([...names].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  expect(names.size).toBeGreaterThan(30);
});
