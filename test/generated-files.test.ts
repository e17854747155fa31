import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/package/package-root.ts';
import { generatedFiles } from '../src/tools/generate.ts';

test.each(Object.entries(generatedFiles()))('%s is current', async (path, text) => {
  expect(await readFile(join(packageRoot(), path), 'utf8'), 'run "npm run generate"').toBe(text);
});
