// npm run e2e [-- --peers] [-- ARGUMENTS OF VITEST]

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/package/package-root.ts';
import { e2eArguments } from './e2e-arguments.ts';

const vitest = join(packageRoot(), 'node_modules', '.bin', 'vitest');
const run = spawn(vitest, e2eArguments(process.argv.slice(2)), { cwd: packageRoot(), stdio: 'inherit' });
// vitest ends its clusters first. The terminal sends it SIGINT as well.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => run.kill('SIGTERM'));
run.once('error', (error) => {
  console.error(`vitest cannot be run: ${error.message}. Run "npm ci" first.`);
  process.exitCode = 1;
});
run.once('close', (code) => {
  process.exitCode = code ?? 1;
});
