import type { Front, Revision } from '../../resources/index.ts';

/**
 * The front as releases see it. `main` follows the spec in place only while blue-green is off. From the write that turns it
 * on, `main` is frozen: it is rendered from the revision that the spec requested then, so a later change is a release like
 * any other and cannot bypass promotion, pause and checks.
 *
 * @param requested the revision of the current spec
 */
export function frozenFront(front: Front, enabled: boolean, requested: Revision): Front {
  if (front.environment !== 'main') return front;
  if (!enabled) return { ...front, revision: undefined };
  return { ...front, revision: front.revision ?? requested.name };
}
