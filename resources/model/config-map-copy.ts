import type { RestAPI } from '../api/rest-api.ts';
import { configMapCopyName } from './object-names.ts';
import { type ConfigHashes, contentKey } from './references.ts';

/** What a ConfigMap holds. */
export interface ConfigMapContent {
  data?: Readonly<Record<string, string>>;
  /** Base64. */
  binaryData?: Readonly<Record<string, string>>;
}

/** An immutable copy of a ConfigMap, for the revisions that were made when it had this content. */
export interface ConfigMapCopy {
  name: string;
  /** Name of the ConfigMap that it is a copy of. */
  source: string;
  /** Hash of its content. */
  hash: string;
}

const PREFIX = contentKey({ kind: 'ConfigMap', name: '' });

/** Returns the copies that the pods of a revision read. */
export function copiesOf(api: RestAPI, configHashes: ConfigHashes): ConfigMapCopy[] {
  return Object.entries(configHashes).flatMap(([key, hash]) => {
    if (hash === null || !key.startsWith(PREFIX)) return [];
    const source = key.slice(PREFIX.length);
    return [{ name: configMapCopyName(api, source, hash), source, hash }];
  });
}
