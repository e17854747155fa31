import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/package/package-root.ts';
import { apiReports } from '../src/tools/api-report.ts';

test.each(Object.entries(apiReports()))('%s matches the declarations', async (path, text) => {
  expect(await readFile(join(packageRoot(), path), 'utf8'), 'run "npm run generate"').toBe(text);
});

test('the report lists public and internal names apart', () => {
  const [, framework = ''] = Object.entries(apiReports()).find(([path]) => path === 'operator/api.md') ?? [];
  const [publicPart = '', internalPart = ''] = framework.split('### Internal');
  expect(publicPart).toContain('export class Operator extends ContractOperator {');
  expect(publicPart).not.toContain('contract: EventContract');
  expect(publicPart).toContain("export { ResourceEventType } from '@dot-i/k8s-operator';");
  expect(internalPart).toContain('export function handlerOf(');
});
