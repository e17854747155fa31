import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import type { TransportError } from '../../../operator/transport/transport-error.ts';
import { eventually } from '../../support/eventually.ts';
import { answerJson, type PlainServer, startPlainServer } from '../../support/plain-server.ts';

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true };
const SERVICE = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true };
const WEBHOOK_MS = 8_000;

/** A server whose admission webhook for Deployments takes 8 s; everything else is answered at once. */
function startSlowServer(isSlow = (request: IncomingMessage) => request.url?.includes('/deployments/') === true) {
  return startPlainServer((request: IncomingMessage, response: ServerResponse) => {
    const answer = () => answerJson(response, { apiVersion: 'v1', kind: 'Any', metadata: { name: 'any' } });
    if (isSlow(request) && request.method !== 'GET') setTimeout(answer, WEBHOOK_MS);
    else answer();
  });
}

const apply = (client: ApiClient, type: typeof DEPLOYMENT, namespace: string, name: string) =>
  client.apply(
    type,
    { apiVersion: 'v1', kind: type.kind, metadata: { name, namespace } },
    { fieldManager: 'test', force: true },
  );

/** How long after `since` a request arrived, milliseconds. */
function arrival({ log }: PlainServer, path: string, since: number): number {
  const entry = log.find(({ request }) => request.includes(path));
  return entry === undefined ? Number.POSITIVE_INFINITY : entry.at - since;
}

it('one slow webhook delays neither another kind nor the same kind in another namespace', async () => {
  await using server = await startSlowServer();
  const client = new ApiClient({ kubeConfig: server.kubeConfig, userAgent: 'test' });
  const slow = Promise.allSettled(Array.from({ length: 40 }, (_, i) => apply(client, DEPLOYMENT, 'a', `slow-${i}`)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const since = performance.now();
  const elsewhere = apply(client, DEPLOYMENT, 'b', 'innocent');
  await apply(client, SERVICE, 'a', 'other-kind');
  await client.get(DEPLOYMENT, 'a', 'read');
  await eventually(() => arrival(server, '/namespaces/b/deployments/innocent', since) < Number.POSITIVE_INFINITY);
  // The promised bound is 500 ms; the rest is for a busy machine. Whoever waited for the webhook would come after it.
  for (const path of [
    '/services/other-kind',
    'GET /apis/apps/v1/namespaces/a/deployments/read',
    '/namespaces/b/deployments/innocent',
  ]) {
    expect(arrival(server, path, since), path).toBeLessThan(WEBHOOK_MS / 2);
  }
  await elsewhere;

  const results = await slow;
  // 16 at first, and while any of them is slow never more than 8; what found no place in 15 s was not sent.
  const sent = server.log.filter(({ request }) => request.includes('/slow-'));
  expect(sent.length).toBe(16 + 8);
  expect(server.connections.most).toBeLessThanOrEqual(16 + 3);
  const failures = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => reason as TransportError);
  // All that were sent were answered in time: the deadline began at sending.
  expect(failures).toHaveLength(40 - sent.length);
  for (const { fate, message } of failures) {
    expect(fate).toBe('not-sent');
    expect(message).toContain(
      'not sent within 15000 ms while waiting for a free request slot: 8 requests "write deployments.apps" in namespace a are in flight',
    );
  }
  await client.close();
});

it('as many connections are opened as requests are in flight, and they are reused', async () => {
  await using server = await startSlowServer(() => false);
  const client = new ApiClient({ kubeConfig: server.kubeConfig, userAgent: 'test', maxConcurrentRequests: 4 });
  for (let round = 0; round < 5; round++)
    await Promise.all(Array.from({ length: 40 }, (_, i) => apply(client, SERVICE, 'a', `fast-${i}`)));
  for (let i = 0; i < 20; i++) await client.get(SERVICE, 'a', 'one');
  expect(server.connections.most).toBe(4);
  await client.close();
});

it('a request that cannot be answered in time is not sent', async () => {
  await using server = await startPlainServer((_request, response) => {
    response.writeHead(429, { 'retry-after': '11', 'content-type': 'application/json' }).end('{"kind":"Status"}');
  });
  const client = new ApiClient({ kubeConfig: server.kubeConfig, userAgent: 'test', requestTimeoutMs: 12_000 });
  // A second of it would be left, less what has passed already.
  await expect(client.get(SERVICE, 'a', 'x')).rejects.toThrow('Retry-After of 11 s exceeds the deadline of 12000 ms');
  expect(server.log).toHaveLength(1);
  await client.close();
});
