import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package/package-root.ts';
import { sourceFiles } from './source-files.ts';

const MOST_LINES = 300;

/** Longer files, and why they are not split. */
const REASONS: Record<string, string> = {
  'operator/informer/informer.ts': 'the public class with its documentation; its parts are in files of their own',
  'operator/leader/leader-elector.ts': 'the public class with its documentation; its parts are in files of their own',
  'operator/queue/work-queue.ts': 'the public class with its documentation; its parts are in files of their own',
  'operator/testkit/fault-proxy.ts': 'the public class with its documentation; its parts are in files of their own',
  'operator/transport/api-client.ts': 'the public class with its documentation; its parts are in files of their own',
  'src/dashboard/page/rest-api.js': 'the view of one RestAPI from top to bottom, one small function for each section',
};

function linesOf(file: string): number {
  return readFileSync(join(packageRoot(), file), 'utf8').split('\n').length - 1;
}

test(`source files have at most ${MOST_LINES} lines, or a reason`, () => {
  const files = sourceFiles(/\.(ts|js)$/);
  expect(files.length).toBeGreaterThan(300);
  const long = files.filter((file) => linesOf(file) > MOST_LINES);
  expect(long.sort()).toEqual(Object.keys(REASONS).sort());
});
