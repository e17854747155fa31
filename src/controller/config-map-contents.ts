import { contentHash, controllerOf, type ReconcileContext, type StoredObject } from '../../operator/index.ts';
import {
  type ConfigMapContent,
  type CopiedConfigMap,
  configMapCopyName,
  copiesOf,
  type RestAPI,
} from '../../resources/index.ts';
import { type Contents, contentKey, isCopied, type SourceOfVariables } from '../../resources/model/references.ts';
import type { Caches } from '../blue-green/observe.ts';
import type { Observed } from '../blue-green/observed.ts';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

type Reader = Pick<ReconcileContext<RestAPI>, 'getLive'>;

/** What a run knows of configuration: the hashes of the references, the contents of copies, and what revisions need. */
type Known = Pick<Caches, 'contents' | 'configMaps' | 'revisions'>;

/** Returns the contents of copies by name. */
export function contentsOfCopies(copies: readonly StoredObject<CopiedConfigMap>[]): Observed['configMaps'] {
  return Object.fromEntries(copies.map((copy) => [copy.metadata.name, contentOf(copy)]));
}

/**
 * Completes what the caches show with the contents of copies that do not exist yet, or no longer. Only they are read: once
 * all copies are made there is no request. A ConfigMap that was read is newer than the hash of its reference and replaces it,
 * so that a copy is never made from another content than the one its revision is named after.
 *
 * @throws ApiError, TransportError if one cannot be read
 */
export async function readConfigMaps<
  S extends Known & { api: StoredObject<RestAPI>; sources: readonly SourceOfVariables[] },
>(reader: Reader, snapshot: S): Promise<S> {
  const { api, sources, contents } = snapshot;
  const current = Object.fromEntries(
    sources.filter(isCopied).map((source) => [contentKey(source), contents[contentKey(source)] ?? null]),
  );
  const needed = [
    ...(api.spec.blueGreen?.enabled ? [current] : []),
    ...snapshot.revisions.map(({ data }) => data.configHashes),
  ].flatMap((hashes) => copiesOf(api, hashes));
  const lacking = new Map(
    needed.filter(({ name }) => !Object.hasOwn(snapshot.configMaps, name)).map((copy) => [copy.name, copy]),
  );
  if (lacking.size === 0) return snapshot;
  const hashNow = (source: string) => contents[contentKey({ kind: 'ConfigMap', name: source })];
  // Of a ConfigMap that the spec no longer references, nothing is known.
  const candidates = [...lacking.values()].filter(({ source, hash }) => (hashNow(source) ?? hash) === hash);
  const live = await readSources(reader, new Set(candidates.map(({ source }) => source)));
  const newer = live
    .filter(({ source }) => hashNow(source) !== undefined)
    .map(({ source, object }) => [
      contentKey({ kind: 'ConfigMap', name: source }),
      object ? contentHash(object) : null,
    ]);
  const copyable = live.flatMap(({ source, object }) =>
    object ? [[configMapCopyName(api, source, contentHash(object)), contentOf(object)] as const] : [],
  );
  const configMaps = { ...snapshot.configMaps, ...Object.fromEntries(copyable) };
  for (const { name } of lacking.values()) {
    const content = Object.hasOwn(configMaps, name) ? undefined : await readCopy(reader, api, name);
    if (content) configMaps[name] = content;
  }
  return { ...snapshot, contents: { ...contents, ...(Object.fromEntries(newer) as Contents) }, configMaps };
}

interface LiveSource {
  source: string;
  /** Undefined: it does not exist. */
  object: StoredObject<CopiedConfigMap> | undefined;
}

function readSources({ getLive }: Reader, names: ReadonlySet<string>): Promise<LiveSource[]> {
  return Promise.all(
    [...names].map(async (source) => ({ source, object: await getLive<CopiedConfigMap>(CONFIG_MAP, source) })),
  );
}

/** Reads a copy that the cache does not show, as when a user has removed its labels. */
async function readCopy(
  { getLive }: Reader,
  { metadata }: StoredObject<RestAPI>,
  name: string,
): Promise<ConfigMapContent | undefined> {
  const object = await getLive<CopiedConfigMap>(CONFIG_MAP, name);
  const isCopy = object?.immutable === true && controllerOf(object)?.uid === metadata.uid;
  return isCopy ? contentOf(object) : undefined;
}

function contentOf({ data, binaryData }: CopiedConfigMap): ConfigMapContent {
  return { ...(data && { data }), ...(binaryData && { binaryData }) };
}
