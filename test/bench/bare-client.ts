import type { KubeConfig } from '@kubernetes/client-node';
import { Pool } from 'undici';

/** A write as it goes over the wire. */
export interface RawWrite {
  method: 'POST' | 'PATCH';
  path: string;
  contentType: string;
  body: string;
}

/** Nothing but a pool of connections: the raw limit an operator is measured against. */
export class BareClient implements AsyncDisposable {
  readonly #pool: Pool;

  constructor(kubeConfig: KubeConfig, connections: number) {
    const cluster = kubeConfig.getCurrentCluster();
    const user = kubeConfig.getCurrentUser();
    const decode = (data: string | undefined) => (data ? Buffer.from(data, 'base64') : undefined);
    this.#pool = new Pool(cluster?.server ?? '', {
      connections,
      pipelining: 1,
      // As the operator: one HTTP/2 connection for all would be slower.
      allowH2: false,
      connect: { ca: decode(cluster?.caData), cert: decode(user?.certData), key: decode(user?.keyData) },
    });
  }

  /** Sends one write and reads the answer as JSON. @throws if the server refuses */
  async send({ method, path, contentType, body }: RawWrite): Promise<{ metadata: { uid: string } }> {
    const answer = await this.#pool.request({ method, path, body, headers: { 'content-type': contentType } });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return JSON.parse(text);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool.close();
  }
}

/** Runs `work` for every item, `width` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
