import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package/package-root.ts';
import { annotationsAndLabels } from '../../src/tools/reference/annotations-and-labels.ts';

test('the reference page lists every annotation and label key that the code names', () => {
  const options = ['-rhoE', "'restapi\\.dev/[a-z-]+'", 'src', 'resources', '--include=*.ts'];
  const keys = execFileSync('grep', options, { cwd: packageRoot(), encoding: 'utf8' }).replaceAll("'", '');
  const page = annotationsAndLabels();
  const listed = new Set(
    keys
      .trim()
      .split('\n')
      .filter((key) => key !== 'restapi.dev/finalizer'),
  );
  expect([...listed].filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  expect(listed.size).toBeGreaterThan(15);
});
