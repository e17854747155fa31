import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type * as Ports from '../../../operator/testkit/ports.ts';
import type { startControlPlane as Start } from '../../../operator/testkit/start-control-plane.ts';

let ports: typeof Ports;
let startControlPlane: typeof Start;
beforeAll(async () => {
  // Test files before this one may have loaded them already, and those after it must not get the spies.
  vi.resetModules();
  vi.doMock(import('../../../operator/testkit/ports.ts'), { spy: true });
  ports = await import('../../../operator/testkit/ports.ts');
  ({ startControlPlane } = await import('../../../operator/testkit/start-control-plane.ts'));
});
afterAll(() => {
  vi.doUnmock('../../../operator/testkit/ports.ts');
  vi.resetModules();
});

test('free ports are free, different and outside the range of outgoing connections', async () => {
  const found = await ports.freePorts(50);
  expect(new Set(found).size).toBe(50);
  expect(Math.min(...found)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...found)).toBeLessThan(32_000);
});

test('a start that loses the race for a port of etcd or the API server retries with others', async () => {
  const [taken = 0, free = 0] = await ports.freePorts(2);
  const server = createServer((socket) => socket.destroy()).listen(taken, '127.0.0.1');
  await once(server, 'listening');
  vi.mocked(ports.freePorts).mockClear().mockResolvedValueOnce([taken, free]).mockResolvedValueOnce([free, taken]);
  await using cluster = await startControlPlane({ kwokNodes: 0, controllerManager: false, scheduler: false });
  expect(ports.freePorts).toHaveBeenCalledTimes(3);
  expect((await cluster.kubectl(['get', '--raw=/readyz'])).stdout).toBe('ok');
  server.close();
});
