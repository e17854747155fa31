import type { KubernetesObject } from '../kubernetes-object.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import { stripBulk } from './strip-bulk.ts';

/**
 * Returns a transform that never throws: where the given one fails, stripBulk() is used, and the first failure is logged.
 *
 * @param transform default stripBulk()
 */
export function safeTransform<T extends KubernetesObject>(
  transform: ((object: KubernetesObject) => T) | undefined,
  logger: Logger,
): (object: KubernetesObject) => T {
  if (transform === undefined) return (object) => stripBulk(object) as T;
  let failed = false;
  return (object) => {
    try {
      return transform(object);
    } catch (error) {
      if (!failed) logger.error('Transform failed, keeping objects untransformed', errorFields(error));
      failed = true;
      return stripBulk(object) as T;
    }
  };
}
