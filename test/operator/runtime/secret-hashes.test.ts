import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type ApiClient, ApiError, createLogger } from '../../../operator/index.ts';
import { SecretHashes } from '../../../operator/runtime/secret-hashes.ts';

const OWN = { namespace: 'ops', name: 'hash-key' };
const DB = { namespace: 'shop', name: 'db' };
const logger = createLogger('error');

/** An API server with one Secret, which refuses writes of an older version. */
class KeyServer {
  stored: { data?: Record<string, string>; version: number } | undefined;
  writes: string[] = [];
  reads = 0;
  beforeWrite = async () => {};

  get client(): ApiClient {
    return {
      get: async () => {
        this.reads += 1;
        if (!this.stored) throw refused(404, 'NotFound');
        const { data, version } = this.stored;
        return { metadata: { ...OWN, uid: 'u', resourceVersion: String(version) }, data };
      },
      mergePatch: async (_type: object, _namespace: string, _name: string, patch: never) => {
        await this.beforeWrite();
        const { metadata, data } = patch as { metadata: { resourceVersion: string }; data: Record<string, string> };
        if (metadata.resourceVersion !== String(this.stored?.version)) throw refused(409, 'Conflict');
        this.write('patch', data);
      },
      create: async (_type: object, { data }: { data: Record<string, string> }) => {
        await this.beforeWrite();
        if (this.stored) throw refused(409, 'AlreadyExists');
        this.write('create', data);
      },
    } as unknown as ApiClient;
  }

  write(verb: string, data: Record<string, string>): void {
    this.writes.push(verb);
    this.stored = { data, version: (this.stored?.version ?? 0) + 1 };
  }
}

function refused(code: number, reason: string): ApiError {
  return new ApiError({ method: 'GET', path: '/', status: code, body: { kind: 'Status', reason, message: reason } });
}

test('replicas and later processes share the key of the Secret', async () => {
  const server = new KeyServer();
  server.stored = { version: 1 };
  const [a, b] = [new SecretHashes(server.client, OWN, logger), new SecretHashes(server.client, OWN, logger)];
  const [first, second] = await Promise.all([a.of(DB, 'content'), b.of(DB, 'content')]);
  expect(first).toMatch(/^[0-9a-f]{8}:[0-9a-f]{16}$/);
  expect(second).toBe(first);
  expect(await new SecretHashes(server.client, OWN, logger).of(DB, 'content')).toBe(first);
  expect(server.writes).toEqual(['patch']);
  expect(Buffer.from(server.stored.data?.key ?? '', 'base64')).toHaveLength(32);
});

test('an operator that may create the Secret does so, one of several', async () => {
  const server = new KeyServer();
  const all = Array.from({ length: 3 }, () => new SecretHashes(server.client, OWN, logger));
  const hashes = await Promise.all(all.map((each) => each.of(DB, 'content')));
  expect(new Set(hashes).size).toBe(1);
  expect(server.writes).toEqual(['create']);
});

test('the key is read once and outlives its Secret', async () => {
  const server = new KeyServer();
  server.stored = { version: 1, data: { key: randomBytes(32).toString('base64') } };
  const hashes = new SecretHashes(server.client, OWN, logger);
  const before = await Promise.all([hashes.of(DB, 'content'), hashes.of(DB, 'content')]);
  server.stored = undefined;
  expect(await hashes.of(DB, 'content')).toBe(before[0]);
  expect(before[1]).toBe(before[0]);
  expect(server.reads).toBe(1);
});

test('a hash depends on the key, the content and the Secret', async () => {
  const key = randomBytes(32);
  const of = (secret = DB, content = 'content', bytes = key) =>
    new SecretHashes(new KeyServer().client, bytes, logger).of(secret, content);
  const hash = await of();
  expect(await of()).toBe(hash);
  expect(await of(DB, 'other')).not.toBe(hash);
  expect((await of(DB, 'content', randomBytes(32))).split(':')[0]).not.toBe(hash.split(':')[0]);
  // Who creates a Secret with a guess finds another hash.
  expect(await of({ ...DB, namespace: 'own' })).not.toBe(hash);
  expect(await of({ ...DB, name: 'own' })).not.toBe(hash);
});

test('a key that cannot be read fails with the remedy, and is read again', async () => {
  const server = new KeyServer();
  server.beforeWrite = async () => {
    throw refused(403, 'Forbidden');
  };
  const hashes = new SecretHashes(server.client, OWN, logger);
  await expect(hashes.of(DB, 'content')).rejects.toThrow(
    /^cannot get the key for hashes of Secrets from Secret ops\/hash-key: .*Create that Secret, empty, and grant the operator get and patch on it$/,
  );
  server.stored = { version: 1, data: { key: 'dG9vIHNob3J0' } };
  await expect(hashes.of(DB, 'content')).rejects.toThrow(
    'data.key has 9 bytes, but needs 32 or more; delete the field',
  );
  server.stored = { version: 2, data: { key: randomBytes(32).toString('base64') } };
  expect(await hashes.of(DB, 'content')).toMatch(/:/);
  expect(() => new SecretHashes(server.client, randomBytes(8), logger)).toThrow('has 8 bytes, but needs 32 or more');
});
