import { expect, it } from 'vitest';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import type { RequestObservation } from '../../../operator/transport/api-client-types.ts';
import { WriteRefusedError } from '../../../operator/transport/write-refused-error.ts';
import { answerJson, startPlainServer } from '../../support/plain-server.ts';

const LEASE = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced: true };
const OBJECT = { apiVersion: 'v1', kind: 'Any', metadata: { name: 'any' } };

/** Does not answer what is below /hang. */
const startServer = () =>
  startPlainServer((request, response) => {
    if (!request.url?.startsWith('/hang')) answerJson(response, OBJECT);
  });

it('a lane sends at once, whatever its parent is busy with', async () => {
  await using server = await startServer();
  const seen: RequestObservation[] = [];
  const client = new ApiClient({
    kubeConfig: server.kubeConfig,
    userAgent: 'test',
    maxConcurrentRequests: 2,
    onRequest: (observation) => seen.push(observation),
  });
  const lane = client.lane({ maxConcurrentRequests: 1 });
  const hanging = Promise.allSettled(
    Array.from({ length: 200 }, () => client.request({ method: 'GET', path: '/hang' })),
  );
  await lane.get(LEASE, 'a', 'x');
  const [first] = seen;
  expect(first).toMatchObject({ verb: 'get', resource: 'leases', code: '200' });
  // What its parent waits for is never answered: a place there would be free in 15 s.
  expect(first?.queuedSeconds).toBeLessThan(5);
  // Connections of their own: two hang, the third is the lane's.
  expect(server.connections.most).toBe(3);

  // Closing a lane leaves the parent and other lanes alone, closing the parent ends all.
  const other = client.lane({ maxConcurrentRequests: 1 });
  const pending = expect(other.request({ method: 'GET', path: '/hang' })).rejects.toThrow('the client was closed');
  await lane.close();
  await expect(lane.get(LEASE, 'a', 'x')).rejects.toThrow('the client is closed');
  await client.close();
  await pending;
  for (const result of await hanging) expect(result.status).toBe('rejected');
  await expect(other.get(LEASE, 'a', 'x')).rejects.toThrow('the client is closed');
  await expect(client.lane({ maxConcurrentRequests: 1 }).get(LEASE, 'a', 'x')).rejects.toThrow('the client is closed');
});

it('a lane has a gate of its own, or that of its parent', async () => {
  await using server = await startServer();
  const client = new ApiClient({ kubeConfig: server.kubeConfig, userAgent: 'test', mayWrite: () => false });
  const write = (through: ApiClient) => through.delete(LEASE, 'a', 'x');
  await expect(write(client)).rejects.toThrow(WriteRefusedError);
  await expect(write(client.lane({ maxConcurrentRequests: 1 }))).rejects.toThrow(WriteRefusedError);
  expect(server.log).toEqual([]);
  await write(client.lane({ maxConcurrentRequests: 1, mayWrite: () => true }));
  expect(server.log).toHaveLength(1);
  await client.close();
});

it('a write is still refused when the connection is open', async () => {
  await using server = await startServer();
  // Allowed when requested, no longer when the connection is open.
  const answers = [true, false];
  const client = new ApiClient({
    kubeConfig: server.kubeConfig,
    userAgent: 'test',
    mayWrite: () => answers.shift() ?? false,
  });
  await expect(client.delete(LEASE, 'a', 'x')).rejects.toThrow(WriteRefusedError);
  expect(answers).toEqual([]);
  expect(server.log).toEqual([]);
  await client.get(LEASE, 'a', 'x');
  await client.close();
});
