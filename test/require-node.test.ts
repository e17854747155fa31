import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { nodeProblem, OLDEST_NODE } from '../src/package/require-node.ts';

const ROOT = join(import.meta.dirname, '..');
/** Makes a process believe that it is an old Node. */
const OLD_NODE = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });`;

test('the oldest supported Node is that of package.json and package-lock.json', async () => {
  const read = async (file: string) => JSON.parse(await readFile(join(ROOT, file), 'utf8'));
  const engines = { node: `>=${OLDEST_NODE}` };
  expect((await read('package.json')).engines).toEqual(engines);
  expect((await read('package-lock.json')).packages[''].engines).toEqual(engines);
});

test.each([
  ['20.20.2', false],
  ['22.18.0', false],
  ['22.19.0', true],
  ['22.20.1', true],
  ['23.0.0', true],
  ['24.21.0', true],
  ['100.0.0', true],
])('Node %s is supported: %s', (version, supported) => {
  const problem = `kubectl-restapi needs Node 22.19 or newer, this is ${version}`;
  expect(nodeProblem('kubectl-restapi', version)).toBe(supported ? undefined : problem);
});

test.each([
  ['src/main.ts', 'restapi-operator'],
  ['src/local/start.ts', 'npm start'],
  ['src/cli/kubectl-restapi.ts', 'kubectl-restapi'],
  ['src/cli/kubectl-complete-restapi.ts', 'kubectl_complete-restapi'],
])('%s exits with 1 on an old Node before it loads anything else', async (entry, program) => {
  // The source itself: what it would load next has decorators, which Node cannot run uncompiled.
  const run = promisify(execFile)(process.execPath, ['--import', OLD_NODE, join(ROOT, entry), '--help']);
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: `${program} needs Node 22.19 or newer, this is 20.20.2\n`,
  });
});
