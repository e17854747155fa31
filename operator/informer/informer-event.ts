import type { KubernetesObject } from '../kubernetes-object.ts';

/** A change of one object, as seen by the cache. */
export interface InformerEvent<T extends KubernetesObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The new object; for DELETED its last state. Shared with the cache: do not change it. */
  object: T;
  /** The object as it was cached before; absent for ADDED. */
  previous?: T;
  /** The object existed before the informer first listed. */
  initial?: boolean;
}

/** Receives events one at a time, in order, after the cache was updated. It blocks the stream, so it should only enqueue work. */
export type InformerHandler<T extends KubernetesObject> = (event: InformerEvent<T>) => void;
