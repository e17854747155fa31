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
