import { Cel } from './cel.ts';

/**
 * Forbids changes of a field once it is set. Only the API server checks this, because only it has the old object and the
 * new one. Removing and re-adding the field is detected if the enclosing object is required or has a default.
 *
 * @example
 * ```ts
 * \@Description('Class of the volume.')
 * \@Immutable()
 * \@IsString()
 * storageClass!: string;
 * ```
 */
export function Immutable(message = 'is immutable: delete the object and create it again to change it') {
  return Cel({ rule: 'self == oldSelf', message, reason: 'FieldValueForbidden' });
}
