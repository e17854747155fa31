import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/package/package-root.ts';
import { ArgumentError } from '../../../src/terminal/argument-error.ts';
import { eventually } from '../eventually.ts';
import { FaultyServer } from './faulty-server.ts';
import { readLoadArguments } from './load-arguments.ts';
import { LoadProcess } from './load-process.ts';

test('a process runs several lanes; SIGTERM ends it with the report', async () => {
  const served = { GET: 0, POST: 0 };
  await using server = await FaultyServer.start((request, response) => {
    served[request.method as 'GET' | 'POST'] += 1;
    setTimeout(() => response.end(), 100);
  });
  await using process = await LoadProcess.start([
    `--url=${server.url}`,
    '--seconds=60',
    '--lanes=new-get=40,kept-get=40,kept-post=40',
    '--post-body={"quantity":1}',
  ]);
  await eventually(() => served.POST > 10, { what: 'some requests' });
  const { lanes, sendingMs, startedAt } = await process.stop();
  expect(lanes.map(({ name, failed }) => [name, failed])).toEqual([
    ['new-get', 0],
    ['kept-get', 0],
    ['kept-post', 0],
  ]);
  const [fresh, kept, post] = lanes.map(({ answered }) => answered);
  expect([Number(fresh) + Number(kept), post]).toEqual([served.GET, served.POST]);
  expect(served.POST).toBeGreaterThan(10);
  expect(sendingMs).toBeLessThan(20_000);
  expect(Math.abs(Date.parse(startedAt) - Date.now())).toBeLessThan(20_000);
});

test('it runs in a command such as nsenter, and ends by itself', async () => {
  await using server = await FaultyServer.start((_request, response) => response.end());
  await using process = await LoadProcess.start(
    [`--url=${server.url}`, '--seconds=0.3', '--lanes=new-get=20'],
    ['env'],
  );
  expect((await process.report).lanes[0]?.answered).toBeGreaterThan(2);
});

test('a load that does not start says why', async () => {
  await expect(LoadProcess.start(['--url=ftp://shop'])).rejects.toThrow(
    /ended with code 2 .*--url: "ftp:\/\/shop" is not a URL that starts with http:/,
  );
});

test.each<[string[], RegExp]>([
  [[], /--url: "" is not a URL/],
  [['--url=http://shop', '--lanes=old=1'], /--lanes: "old" is no lane: use new-get, kept-get, kept-post, h2c-get/],
  [['--url=http://shop', '--lanes=new-get'], /--lanes new-get: "" is not a number above 0/],
  [['--url=http://shop', '--seconds=0'], /--seconds: "0"/],
  [['--url=http://shop', '--fast'], /--fast/],
])('refuses %j', (args, message) => {
  expect(() => readLoadArguments(args)).toThrow(ArgumentError);
  expect(() => readLoadArguments(args)).toThrow(message);
});

test('POST requests have a path and a body of their own', () => {
  const options = readLoadArguments(['--url=http://shop/?a=1', '--post-path=/orders', '--post-body={"a":1}']);
  if (options === 'help') throw new Error('no options');
  expect(options.lanes.map(({ connections, request }) => [connections, request])).toEqual([
    ['new', { method: 'GET', path: '/?a=1' }],
    ['kept', { method: 'GET', path: '/?a=1' }],
    ['kept', { method: 'POST', path: '/orders', body: '{"a":1}' }],
    ['h2c', { method: 'GET', path: '/?a=1' }],
  ]);
});

test('--help prints the usage', () => {
  const main = join(packageRoot(), 'test', 'support', 'load', 'main.ts');
  expect(execFileSync(process.execPath, [main, '--help'], { encoding: 'utf8' })).toContain('--stop-with-stdin');
});
