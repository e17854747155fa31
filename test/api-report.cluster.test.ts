import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/package/package-root.ts';
import { apiReports } from '../src/tools/api-report.ts';

const reports = apiReports();

test.each(Object.entries(reports))('%s matches the declarations', async (path, text) => {
  expect(await readFile(join(packageRoot(), path), 'utf8'), 'run "npm run generate"').toBe(text);
});

test('the report lists public and internal names apart', () => {
  const { 'operator/api.md': framework = '' } = reports;
  const [publicPart = '', internalPart = ''] = framework.split('### Internal');
  expect(publicPart).toContain('export class Operator extends ContractOperator {');
  expect(publicPart).not.toContain('contract: EventContract');
  expect(publicPart).toContain("export { ResourceEventType } from '@dot-i/k8s-operator';");
  expect(internalPart).toContain('export function handlerOf(');
});
