import type { KubernetesObject } from '../../../operator/kubernetes-object.ts';
import type { ApiClient } from '../../../operator/transport/api-client.ts';

/** A request to a fake client. */
export interface Asked {
  kind: 'stream' | 'list' | 'request';
  path: string;
  query: Record<string, unknown>;
}

/** Answers in the server's place; a function may throw. */
export interface Answers {
  /** The events of a stream, each an object; it stays open after the last. */
  stream?: (asked: Asked) => AsyncIterable<unknown> | Iterable<unknown>;
  list?: (asked: Asked) => Promise<{ items: KubernetesObject[]; resourceVersion: string }>;
  request?: (asked: Asked) => unknown;
}

/** A client without a server, for orders of events that a real one does not produce on demand. */
export function fakeClient(answers: Answers): { client: ApiClient; asked: Asked[] } {
  const asked: Asked[] = [];
  const ask = (kind: Asked['kind'], path: string, query: object = {}): Asked => {
    const one = { kind, path, query: { ...query } };
    asked.push(one);
    return one;
  };
  const client = {
    async stream({ path, query, signal }: { path: string; query: object; signal: AbortSignal }) {
      const events = answers.stream?.(ask('stream', path, query)) ?? [];
      return {
        status: 200,
        close() {},
        async *[Symbol.asyncIterator]() {
          const ended = aborted(signal);
          const iterator = Symbol.asyncIterator in events ? events[Symbol.asyncIterator]() : events[Symbol.iterator]();
          for (;;) {
            const { done, value } = await Promise.race([Promise.resolve(iterator.next()), ended]);
            if (done) break;
            yield Buffer.from(`${JSON.stringify(value)}\n`);
          }
          await ended;
        },
      };
    },
    async listAll(_type: unknown, options: object, keep: (object: KubernetesObject) => KubernetesObject) {
      const answer = await answers.list?.(ask('list', '', options));
      return { items: (answer?.items ?? []).map(keep), resourceVersion: answer?.resourceVersion ?? '' };
    },
    async request({ path, query }: { path: string; query: object }) {
      return answers.request?.(ask('request', path, query));
    },
  };
  return { client: client as unknown as ApiClient, asked };
}

function aborted(signal: AbortSignal): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // The reader may have left before.
  ended.catch(() => undefined);
  return ended;
}

export function stored(name: string, resourceVersion: string, uid = `uid-${name}`): KubernetesObject {
  return { metadata: { namespace: 'n', name, uid, resourceVersion } };
}

/** The events of a streaming list. */
export function initialEvents(version: string, ...objects: KubernetesObject[]): object[] {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return [
    ...objects.map((object) => ({ type: 'ADDED', object })),
    { type: 'BOOKMARK', object: { metadata: { resourceVersion: version, annotations } } },
  ];
}
