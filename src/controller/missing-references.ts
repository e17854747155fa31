import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import type { SourceOfVariables } from '../../resources/model/references.ts';
import type { StatusCondition } from './status-conditions.ts';

type Sources = readonly SourceOfVariables[];

/**
 * The condition about missing objects apart from `Ready`.
 *
 * @param needed those without which pods of a release cannot start
 * @param copied those of which pods read copies
 */
export function referenceConditions(
  api: StoredObject<RestAPI>,
  { needed, copied }: { needed: Sources; copied: Sources },
): StatusCondition[] {
  const messages = [
    ...(needed.length > 0 ? [notFound(api, needed)] : []),
    ...(copied.length > 0 ? [copiedOnly(api, copied)] : []),
  ];
  if (messages.length === 0) return [];
  return [{ type: 'ReferenceNotFound', status: 'True', reason: 'ReferenceNotFound', message: messages.join(' ') }];
}

/** Says which objects pods cannot start without. */
export function notFound({ metadata }: StoredObject<RestAPI>, missing: Sources): string {
  return (
    `Pods cannot start because these objects do not exist in namespace ${metadata.namespace}: ${named(missing)}. ` +
    'Create them, reference others, or set optional: true on the reference.'
  );
}

function copiedOnly({ metadata }: StoredObject<RestAPI>, missing: Sources): string {
  return (
    `These objects no longer exist in namespace ${metadata.namespace}: ${named(missing)}. ` +
    'Pods of the requested revision read a copy and are not affected, but another version cannot start. ' +
    'Create them, reference others, or set optional: true on the reference.'
  );
}

function named(missing: Sources): string {
  return missing.map(({ kind, name, field }) => `${kind} ${name} (${field})`).join(', ');
}
