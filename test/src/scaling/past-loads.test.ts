import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { type PastLoadContext, PastLoads } from '../../../src/scaling/past-loads.ts';
import { LoadHistory } from '../../../src/scaling/predictive/index.ts';
import { TURNS_OF_NAMESPACE } from '../../../src/services/namespace-turns.ts';
import { eventually } from '../../support/eventually.ts';
import { TestServer } from '../checks/server.ts';

const NOW = Math.floor(Date.now() / 1_000);
const ANSWER = JSON.stringify({ status: 'success', data: { result: [{ values: [[NOW, '1']] }] } });

/** Of a RestAPI `<namespace>/<name>`. @param done is called with its name when its load is there */
function contextOf(namespace: string, name: string, done: (name: string) => void): PastLoadContext {
  const metadata = { namespace, name, uid: `uid-${namespace}-${name}` };
  const unused = {} as PastLoadContext['client'];
  const context = {
    primary: { metadata },
    client: unused,
    logger: { warn: (text: string) => done(text) },
    requeue: () => done(name),
  };
  return context as unknown as PastLoadContext;
}

test('a tenant with hundreds of slow queries holds up no query of another namespace, and those of a deleted RestAPI end', async () => {
  const held: { query: string; response: ServerResponse }[] = [];
  await using prometheus = await TestServer.start((_, response, body) => {
    const query = new URLSearchParams(body).get('query') ?? '';
    if (query.includes('"many"')) held.push({ query, response });
    else response.end(ANSWER);
  });
  const loads = new PastLoads(prometheus.url, 'network');
  const done: string[] = [];
  const tell = (name: string) => done.push(name);
  for (let index = 0; index < 300; index++) {
    loads.fill(contextOf('many', `api-${index}`, tell), 'model', LoadHistory.empty());
  }
  await eventually(() => held.length === TURNS_OF_NAMESPACE);
  loads.fill(contextOf('bank', 'shop', tell), 'model', LoadHistory.empty());
  await eventually(() => done.includes('shop'));
  expect(held).toHaveLength(TURNS_OF_NAMESPACE);

  // The places of those that are deleted, in the midst of a query or while they wait, go to the next ones.
  for (let index = 0; index < 200; index++) loads.forget(`uid-many-api-${index}`);
  await eventually(() => held.length === 2 * TURNS_OF_NAMESPACE);
  expect(held.slice(TURNS_OF_NAMESPACE).every(({ query }) => /api-2\d\d-model/.test(query))).toBe(true);
  for (let index = 200; index < 300; index++) loads.forget(`uid-many-api-${index}`);
  await eventually(() => held.every(({ response }) => response.closed || response.destroyed));
  expect(done).toEqual(['shop']);
});
