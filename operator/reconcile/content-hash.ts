import type { KubernetesObject } from '../kubernetes-object.ts';
import { hashOf } from './desired-object.ts';

/**
 * Returns a hash of everything an object holds for its readers: all but metadata and status. `immutable` of a ConfigMap or
 * Secret does not count: it says who may change the content, so an immutable copy has the hash of its source.
 */
export function contentHash(object: KubernetesObject): string {
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...content } = object;
  const { status: _status, immutable: _immutable, ...held } = content as { status?: unknown; immutable?: unknown };
  return hashOf(held);
}
