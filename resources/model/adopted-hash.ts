import { keyIdOf } from './hash-key-id.ts';

/**
 * Annotation of a Deployment whose pods have a hash from a lost key: the hash, with the current key, of the contents when the
 * operator first used that key.
 */
export const ADOPTED_HASH = 'restapi.dev/adopted-references-hash';

/** The hash of references in a pod template, and what it stands for if it cannot be computed any more. */
export interface TemplateHash {
  hash: string;
  /** The hash of the same contents with the current key. */
  adopted?: string;
}

/**
 * Decides which hash a pod template gets. If the key was lost, the running pods keep their hash, because another one would restart
 * all pods that use Secrets, without a change. From then on a change of a content restarts them.
 *
 * @param wanted the hash with the current key
 * @param running the hash of the running pods
 */
export function adoptHash(wanted: string, running?: TemplateHash): TemplateHash {
  if (running === undefined || running.hash === wanted) return running ?? { hash: wanted };
  const [key, runningKey] = [keyIdOf(wanted), keyIdOf(running.hash)];
  // Hashes without a key are compared as they are: they contain no Secret, or come from a version that did not use a key.
  if (key === undefined || runningKey === undefined || key === runningKey) return { hash: wanted };
  const known = keyIdOf(running.adopted) === key;
  return known && running.adopted !== wanted ? { hash: wanted } : { hash: running.hash, adopted: wanted };
}
