import { ownFieldNotes } from './class-notes.ts';
import type { Json } from './json-schema.ts';

/**
 * The value the API server stores where the field was left out. An object field whose inner fields have defaults
 * needs `@Default({})` itself, or those never appear in an object that does not mention it.
 */
export function Default(value: Json): PropertyDecorator {
  return (target, field) => {
    ownFieldNotes(target.constructor, String(field)).default = { value };
  };
}
