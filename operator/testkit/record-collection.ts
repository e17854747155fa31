import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { readAll } from './faulty-stream.ts';
import { PastCollection } from './past-collection.ts';
import type { ProxiedRequest } from './proxied-request.ts';
import type { Upstream } from './upstream.ts';

/** Reads the collection that a watch follows, as the server has it now. @throws Error if the server refuses */
export async function recordCollection(
  upstream: Upstream,
  { path, query, headers }: ProxiedRequest,
): Promise<PastCollection> {
  const list = new URLSearchParams(query);
  list.delete('resourceVersion');
  list.set('timeoutSeconds', '1');
  list.set('sendInitialEvents', 'true');
  list.set('resourceVersionMatch', 'NotOlderThan');
  const request = upstream.request(`${path}?${list}`, 'GET', { accept: headers.accept ?? 'application/json' });
  request.end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const text = (await readAll(answer)).toString();
  if (answer.statusCode !== 200) throw new Error(`recording ${path}: ${answer.statusCode} ${text.slice(0, 200)}`);
  return PastCollection.of(text.split('\n').filter((line) => line !== ''));
}
