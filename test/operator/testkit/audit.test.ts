import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BEFORE_ALL, markAuditLog, readAuditLog } from '../../../operator/testkit/audit.ts';

let folder: string;
let log: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-test-'));
  log = join(folder, 'audit.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (auditID: string, receivedMs: number) =>
  `${JSON.stringify({ auditID, requestReceivedTimestamp: new Date(receivedMs).toISOString() })}\n`;
const ids = async (mark: Parameters<typeof readAuditLog>[1]) =>
  (await readAuditLog(log, mark)).map(({ auditID }) => auditID);

test('a request received before the mark is left out, even if it ends later', async () => {
  const now = Date.now();
  await writeFile(log, line('ended', now - 2_000));
  const mark = await markAuditLog(log);
  await appendFile(log, line('a watch that ends late', now - 1_000) + line('after', mark.at + 5));
  expect(await ids(mark)).toEqual(['after']);
  expect(await ids(BEFORE_ALL)).toEqual(['ended', 'a watch that ends late', 'after']);
});

test('a line that is written in two pieces is read once, when it is whole', async () => {
  const whole = line('split', Date.now() + 60_000);
  await writeFile(log, whole.slice(0, 20));
  const mark = await markAuditLog(log);
  expect(mark.offset).toBe(0);
  expect(await ids(mark)).toEqual([]);
  await appendFile(log, whole.slice(20));
  expect(await ids(mark)).toEqual(['split']);
});
