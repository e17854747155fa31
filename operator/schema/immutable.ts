import { Cel } from './cel.ts';

/**
 * The field may not change once it is set. Only the API server can check that: it alone has the old object beside
 * the new one. (Removing and adding the field again is caught where the object around it is required or defaulted.)
 */
export function Immutable(message = 'is immutable: delete the object and create it again to change it') {
  return Cel({ rule: 'self == oldSelf', message, reason: 'FieldValueForbidden' });
}
