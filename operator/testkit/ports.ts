import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which systems take the ports of outgoing connections (Linux 32768, macOS 49152): a port from inside it
// could be taken by any client while the server that has it is down for a restart.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * Where this process tries next. It goes on from a random place, so that processes which test at the same time seldom meet, and a port
 * that was left for a while, as by a server that restarts, is not tried again soon.
 */
let next = randomInt(LOWEST, HIGHEST);

/**
 * Finds ports of 127.0.0.1 that are free at this moment. Another process may still take one before its server binds it, so
 * callers must be ready to retry.
 *
 * @throws Error when no free port is found in many tries.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries > 200 + count) throw new Error(`no ${count} free ports between ${LOWEST} and ${HIGHEST} on 127.0.0.1`);
    const port = next;
    next = next + 1 < HIGHEST ? next + 1 : LOWEST;
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
