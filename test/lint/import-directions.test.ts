import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package/package-root.ts';
import { sourceFiles } from './source-files.ts';

/** Which folders the files of a folder may import from, besides their own. Libraries are not listed. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  operator: [],
  'resources/api': ['operator'],
  'resources/model': ['resources/api', 'operator'],
  'resources/templates': ['resources/model', 'resources/api', 'operator'],
  'resources/dependents': ['resources/templates', 'resources/model', 'resources/api', 'operator'],
  'src/package': [],
  'src/services': ['operator'],
  'src/prometheus': ['src/services', 'operator'],
  'src/terminal': ['operator/log'],
  'src/workload': ['resources', 'operator'],
  'src/cluster': ['src/package', 'operator'],
  'src/blue-green': ['src/terminal', 'src/workload', 'resources', 'operator'],
  'src/checks': ['src/blue-green', 'src/prometheus', 'src/services', 'resources', 'operator'],
  'src/scaling': ['src/blue-green', 'src/prometheus', 'src/services', 'src/workload', 'resources', 'operator'],
  'src/healing': ['src/blue-green', 'src/terminal', 'src/workload', 'resources', 'operator'],
  'src/pacing': ['src/blue-green', 'resources', 'operator'],
  'src/metrics': ['src/blue-green', 'src/scaling', 'resources', 'operator'],
  'src/live-table': ['src/terminal', 'src/workload', 'resources', 'operator'],
  src: ['resources', 'operator'],
};

const folders = Object.keys(MAY_IMPORT).sort((a, b) => b.length - a.length);
const isIn = (path: string, folder: string) => path.startsWith(`${folder}/`);
const files = sourceFiles(/\.ts$/);

/** Every import of a file of the project, types included, as `FILE imports FILE`, that the table does not allow. */
function forbidden(file: string): string[] {
  const folder = folders.find((one) => isIn(file, one));
  if (!folder) return [];
  const text = readFileSync(join(packageRoot(), file), 'utf8');
  return [...text.matchAll(/\bfrom '(\.[^']+)'|\bimport\(?\s*'(\.[^']+)'/g)]
    .map(([, from, bare]) => normalize(join(dirname(file), from ?? bare ?? '')))
    .filter((target) => ![folder, ...(MAY_IMPORT[folder] ?? [])].some((allowed) => isIn(target, allowed)))
    .map((target) => `${file} imports ${target}`);
}

test('imports run one way: operator, then resources, then src, and one way within them', () => {
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap(forbidden)).toEqual([]);
});
