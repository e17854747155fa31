import type { ConditionInput } from './conditions.ts';

/** Condition types of a resource: what each means, and what each of its reasons means. Reference pages are made of it. */
export type ConditionTable = Readonly<
  Record<string, { readonly meaning: string; readonly reasons: Readonly<Record<string, string>> }>
>;

/** A condition whose type and reason are in the table. */
export type ConditionOf<Table extends ConditionTable> = {
  [Type in keyof Table & string]: Omit<ConditionInput, 'type' | 'reason'> & {
    type: Type;
    reason: keyof Table[Type]['reasons'] & string;
  };
}[keyof Table & string];
