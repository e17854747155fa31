import { ownFieldNotes } from './class-notes.ts';

/**
 * Makes an object a single value for server-side apply, as `@ListType('atomic')` does for a list: what is given replaces it as
 * a whole, and it has one owner. For objects whose presence means something, and those that may be given as `{}`: after other
 * values the API server (1.37) makes null of a `{}` and rejects it. Its fields' defaults are not stored, see `Default`.
 *
 * @example
 * ```ts
 * \@Description('Autoscaling; {} turns it on.')
 * \@Atomic()
 * \@IsOptional()
 * \@ValidateNested()
 * \@Type(() => AutoScaling)
 * autoScaling?: AutoScaling;
 * ```
 */
export function Atomic(): PropertyDecorator {
  return (target, field) => {
    const notes = ownFieldNotes(target.constructor, String(field));
    notes.schema = { ...notes.schema, 'x-kubernetes-map-type': 'atomic' };
  };
}
