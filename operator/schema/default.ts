import { ownFieldNotes } from './class-notes.ts';
import type { Json } from './json-schema.ts';

/**
 * Sets the value of a field that is left out. The operator fills it in when it reads an object (`withDefaults`). The API
 * server stores only scalars, and none within list elements and `@Atomic` objects: what is stored is merged with later edits.
 * So a CEL rule must expect other fields to be absent (`self.?saddle.?soft.orValue(true)`). An object field whose inner
 * fields have defaults needs `@Default({})` itself; otherwise they are not applied to an object that leaves the field out.
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
