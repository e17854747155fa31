import type { CelRule } from './cel-rule.ts';
import { type AnyClass, ownFieldNotes, ownNotes } from './class-notes.ts';

/**
 * Adds CEL rules, with the operator's equivalents, to a class or a field.
 *
 * @example
 * ```ts
 * \@Cel<Range>({
 *   rule: 'self.min <= self.max',
 *   message: 'min must not be greater than max',
 *   check: ({ min, max }) => min <= max,
 * })
 * export class Range { … }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: see CelRule
export function Cel<T = any>(...rules: CelRule<T>[]) {
  return (target: object, field?: string): void => {
    const notes = field === undefined ? ownNotes(target as AnyClass) : ownFieldNotes(target.constructor, field);
    // Decorators run from the last to the first; keep the order in which they are read.
    notes.cel.unshift(...rules);
  };
}

/** A string literal in CEL. Raw where possible, so that regular expressions stay legible in the CRD. */
export function celString(text: string): string {
  if (!/['\n\r]/.test(text)) return `r'${text}'`;
  return JSON.stringify(text);
}

/** A list literal of strings in CEL. */
export function celList(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(', ')}]`;
}
