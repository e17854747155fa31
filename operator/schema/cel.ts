import { type AnyClass, ownFieldNotes, ownNotes } from './class-notes.ts';
import type { ValidationRule } from './json-schema.ts';

/**
 * A rule said twice in one place: in CEL for the API server, which refuses a bad object at the door, and as a
 * function for the operator, which cannot evaluate CEL but may meet objects stored before the rule existed.
 */
// biome-ignore lint/suspicious/noExplicitAny: the value's type is the field's own, which a decorator cannot infer
export interface CelRule<T = any> extends ValidationRule {
  /** What is wrong and what to do about it. Said by both sides. */
  message: string;
  /**
   * The operator's twin of `rule`. Runs only on values that satisfy every rule of the schema, as CEL does, so types
   * and required fields can be relied upon. Leave it out only where the operator has nothing to look at (`oldSelf`).
   */
  check?: (value: T) => boolean;
  /** The operator's twin of `messageExpression`. */
  describe?: (value: T) => string;
}

/** Puts CEL rules (with their operator-side twins) on a class or a field. */
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
