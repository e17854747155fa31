import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { forward } from '../../../operator/testkit/node/forward.ts';
import { connectBy, type RelayConfig } from '../../../operator/testkit/node/relay.ts';
import { untilStopped } from '../../../operator/testkit/until-stopped.ts';
import { eventually } from '../../support/eventually.ts';

let folder: string;
let near: string;
let far: string;
const relays: ChildProcess[] = [];
const servers: Server[] = [];

async function startRelay(config: RelayConfig): Promise<string> {
  const script = join(import.meta.dirname, '../../../operator/testkit/node/relay.ts');
  relays.push(spawn(process.execPath, [script, JSON.stringify(config)], { stdio: 'ignore' }));
  await eventually(() => existsSync(config.socket));
  return config.socket;
}

/** A server on 127.0.0.1. @returns its address */
async function serve(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, onConnection).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  far = await startRelay({ socket: join(folder, 'far.sock') });
  near = await startRelay({
    socket: join(folder, 'near.sock'),
    inside: { networks: ['10.255.255.0/24'], others: far },
  });
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(async () => {
  for (const relay of relays) relay.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

test('an answer arrives whole although the server closes at once and the client reads late', async () => {
  const answer = Buffer.alloc(20 * 1024 ** 2, 7);
  await using port = await forward(near, await serve((socket) => socket.end(answer)));
  const client = connect({ port: port.port, host: '127.0.0.1' });
  await once(client, 'connect');
  client.pause();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await readAll(client)).equals(answer)).toBe(true);
});

test('a client may close its side before the answer', async () => {
  const target = await serve(async (socket) => {
    const asked = await readAll(socket);
    setTimeout(() => socket.end(`answer to ${asked}`), 100);
  });
  await using port = await forward(near, target);
  const client = connect({ port: port.port, host: '127.0.0.1', allowHalfOpen: true });
  client.end('question');
  expect((await readAll(client)).toString()).toBe('answer to question');
});

test.each(['end', 'resetAndDestroy'] as const)('the server leaves (%s), and the client is left', async (leave) => {
  const target = await serve((socket) => void socket.once('data', () => socket[leave]()));
  await using port = await forward(near, target);
  const client = connect({ port: port.port, host: '127.0.0.1' }).on('error', () => {});
  client.write('x');
  client.resume();
  await once(client, 'close');
});

test('the client leaves, and the server is left', async () => {
  const seen: Socket[] = [];
  const target = await serve((socket) => void seen.push(socket.resume().on('error', () => {})));
  const client = await connectBy(near, target);
  await eventually(() => seen.length === 1);
  client.destroy();
  await eventually(() => seen[0]?.readableEnded);
});

test('addresses outside are left to the other relay, and its error is passed on', async () => {
  relays.at(0)?.kill('SIGSTOP');
  await untilStopped(relays.at(0)?.pid ?? 0);
  const isMade = connectBy(near, await serve((socket) => socket.end('here')));
  const first = await Promise.race([isMade, new Promise((resolve) => setTimeout(() => resolve('stuck'), 300))]);
  expect(first).toBe('stuck');
  relays.at(0)?.kill('SIGCONT');
  expect((await readAll(await isMade)).toString()).toBe('here');
  await expect(connectBy(near, '127.0.0.1:1')).rejects.toThrow('127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1');
});

test('without its relay nothing can be connected', async () => {
  await expect(connectBy(join(folder, 'none.sock'), '127.0.0.1:1')).rejects.toThrow('ENOENT');
});
