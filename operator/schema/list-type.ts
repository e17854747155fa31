import { ownFieldNotes } from './class-notes.ts';

/**
 * How a list is merged by server-side apply and what may not repeat in it: `map` merges entries by the given keys
 * and refuses two entries with the same keys, `set` refuses equal entries, `atomic` replaces the list as a whole.
 */
export function ListType(type: 'map', keys: string[]): PropertyDecorator;
export function ListType(type: 'set' | 'atomic'): PropertyDecorator;
export function ListType(type: 'map' | 'set' | 'atomic', keys?: string[]): PropertyDecorator {
  return (target, field) => {
    const notes = ownFieldNotes(target.constructor, String(field));
    notes.schema = {
      ...notes.schema,
      'x-kubernetes-list-type': type,
      ...(keys && { 'x-kubernetes-list-map-keys': keys }),
    };
  };
}
