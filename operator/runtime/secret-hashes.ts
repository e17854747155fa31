import { createHmac, randomBytes } from 'node:crypto';
import type { StoredObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import { regularType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { ifFound, isAlreadyExists, isConflict } from '../transport/api-error.ts';

/** A Secret by its name. */
export interface SecretName {
  namespace: string;
  name: string;
}

/** Where the key of the hashes of Secrets comes from: a Secret that all replicas share, or its bytes, at least 32. */
export type HashKey = SecretName | Uint8Array;

interface KeySecret extends StoredObject {
  /** Base64. */
  data?: Record<string, string>;
}

const SECRET = regularType({ apiVersion: 'v1', kind: 'Secret' });
const FIELD = 'key';
const KEY_BYTES = 32;
const KEY_ID_LENGTH = 8;
const HASH_LENGTH = 16;
/** How often to read a key that another replica writes at the same time. */
const ATTEMPTS = 5;

/**
 * Keyed hashes of the contents of Secrets. Objects that hold such a hash can be read by users who cannot read the Secret. A hash
 * without a key would confirm their guesses of a short value.
 *
 * The key is read with the first hash and then stays in memory, so a deleted key Secret does not change hashes while the process
 * runs. If the Secret exists but is empty, a random key is stored in it.
 */
export class SecretHashes {
  readonly #client: ApiClient;
  readonly #source: HashKey;
  readonly #log: Logger;
  #key: Promise<Uint8Array> | undefined;

  /** @throws TypeError if the key is too short */
  constructor(client: ApiClient, source: HashKey, logger: Logger) {
    if (source instanceof Uint8Array && source.length < KEY_BYTES) {
      throw new TypeError(`the key for hashes of Secrets has ${source.length} bytes, but needs ${KEY_BYTES} or more`);
    }
    this.#client = client;
    this.#source = source;
    this.#log = logger;
  }

  /**
   * Returns `<key ID>:<hash>`. Hashes with different key IDs cannot be compared. The same content in another Secret has another
   * hash, so users cannot find out a value by creating Secrets of their own.
   *
   * @param content a hash of the content
   * @throws Error with a remedy if the key cannot be read or created
   */
  async of({ namespace, name }: SecretName, content: string): Promise<string> {
    const key = await this.#readKey();
    const id = hmac(key, ['key-id']).slice(0, KEY_ID_LENGTH);
    return `${id}:${hmac(key, ['secret', namespace, name, content]).slice(0, HASH_LENGTH)}`;
  }

  async #readKey(): Promise<Uint8Array> {
    const source = this.#source;
    if (source instanceof Uint8Array) return source;
    // All wait for the same request, so the end of one run does not abort it.
    this.#key ??= this.#stored(source);
    const reading = this.#key;
    try {
      return await reading;
    } catch (error) {
      if (this.#key === reading) this.#key = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `cannot get the key for hashes of Secrets from Secret ${source.namespace}/${source.name}: ${reason}. ` +
          'Create that Secret, empty, and grant the operator get and patch on it',
        { cause: error },
      );
    }
  }

  async #stored(secret: SecretName): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      const key = await this.#readOrCreate(secret);
      if (key) return key;
      if (attempt === ATTEMPTS) throw new Error('other clients keep changing it');
    }
  }

  /** @returns undefined if another client wrote it at the same time */
  async #readOrCreate({ namespace, name }: SecretName): Promise<Uint8Array | undefined> {
    const found = await this.#find(namespace, name);
    const text = found?.data?.[FIELD];
    if (text) {
      const key = Buffer.from(text, 'base64');
      if (key.length >= KEY_BYTES) return key;
      throw new Error(`data.${FIELD} has ${key.length} bytes, but needs ${KEY_BYTES} or more; delete the field`);
    }
    const key = randomBytes(KEY_BYTES);
    const data = { [FIELD]: key.toString('base64') };
    try {
      if (found) {
        // The version makes one of several replicas that start at the same time the one that creates the key.
        const { uid, resourceVersion } = found.metadata;
        const patch = { metadata: { uid, resourceVersion }, data };
        await this.#client.mergePatch(SECRET, namespace, name, patch);
      } else {
        await this.#client.create(SECRET, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data });
      }
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return undefined;
      throw error;
    }
    this.#log.warn('Created a key for hashes of Secrets; they cannot be compared with earlier ones', {
      namespace,
      name,
    });
    return key;
  }

  async #find(namespace: string, name: string): Promise<KeySecret | undefined> {
    return ifFound(this.#client.get<KeySecret>(SECRET, namespace, name));
  }
}

function hmac(key: Uint8Array, parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex');
}
