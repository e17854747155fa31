import { type AnyClass, ownFieldNotes, ownNotes } from './class-notes.ts';

/** What a field or a kind is for: the text of `kubectl explain`. Every field must have one. */
export function Description(text: string) {
  return (target: object, field?: string): void => {
    if (field === undefined) ownNotes(target as AnyClass).description = text;
    else ownFieldNotes(target.constructor, field).description = text;
  };
}
