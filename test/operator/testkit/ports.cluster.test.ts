import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { startControlPlane } from '../../../operator/testkit/index.ts';
import * as ports from '../../../operator/testkit/ports.ts';

vi.mock(import('../../../operator/testkit/ports.ts'), { spy: true });

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
