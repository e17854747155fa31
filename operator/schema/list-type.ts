import { ownFieldNotes } from './class-notes.ts';

/**
 * Sets how server-side apply merges a list, and what must be unique in it: `map` merges entries by the given keys
 * and rejects two entries with the same keys, `set` rejects equal entries, `atomic` replaces the list as a whole.
 *
 * @example
 * ```ts
 * \@ListType('map', ['name'])
 * \@IsArray()
 * \@ValidateNested({ each: true })
 * \@Type(() => Volume)
 * volumes!: Volume[];
 * ```
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
