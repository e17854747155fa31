import type { KubernetesObject } from '../kubernetes-object.ts';

/** What happened to one object, as far as the cache could see. */
export interface InformerEvent<T extends KubernetesObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The object now; for DELETED as it was when it went. Shared with the cache: do not change it. */
  object: T;
  /** The object as it was in the cache before; absent for ADDED. */
  previous?: T;
  /** The object was there already when the informer first listed. */
  initial?: boolean;
}

/** Receives events one at a time, in order, after the cache has taken them in. Should only enqueue work: it holds up the stream. */
export type InformerHandler<T extends KubernetesObject> = (event: InformerEvent<T>) => void;
