import { ownFieldNotes } from './class-notes.ts';
import type { Json } from './json-schema.ts';

/**
 * Sets the value that the API server stores if the field is left out. An object field whose inner fields have defaults
 * needs `@Default({})` itself; otherwise they are not applied to an object that leaves the field out.
 *
 * @example
 * ```ts
 * \@Description('Number of pods.')
 * \@Default(1)
 * \@Int32()
 * replicas!: number;
 * ```
 */
export function Default(value: Json): PropertyDecorator {
  return (target, field) => {
    ownFieldNotes(target.constructor, String(field)).default = { value };
  };
}
