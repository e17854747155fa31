import { type AnyClass, ownFieldNotes, ownNotes } from './class-notes.ts';

/**
 * Describes a field or a kind: the text that `kubectl explain` shows. Every field must have one.
 *
 * @example
 * ```ts
 * \@Description('Port that the component listens on.')
 * \@Int32()
 * port!: number;
 * ```
 */
export function Description(text: string) {
  return (target: object, field?: string): void => {
    if (field === undefined) ownNotes(target as AnyClass).description = text;
    else ownFieldNotes(target.constructor, field).description = text;
  };
}
