import type { ComponentSpec } from '../api/component-spec.ts';

/**
 * Returns the pull policy that Kubernetes gives a new container: Always for the tag `latest`, which is also that of an image
 * with neither tag nor digest, otherwise IfNotPresent. It is always sent, because Kubernetes computes it only once and keeps
 * it when the image changes.
 */
export function defaultPullPolicy(image: string): NonNullable<ComponentSpec['imagePullPolicy']> {
  const [name = '', digest] = image.split('@');
  // A colon before a slash separates the port of the registry.
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  return tag === 'latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent';
}
