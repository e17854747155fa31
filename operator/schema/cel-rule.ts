import type { ValidationRule } from './json-schema.ts';

/**
 * A rule in both forms: in CEL for the API server, which rejects invalid objects, and as a function for the operator, which
 * cannot evaluate CEL but may read objects that were stored before the rule existed.
 */
// biome-ignore lint/suspicious/noExplicitAny: the value's type is the field's own, which a decorator cannot infer
export interface CelRule<T = any> extends ValidationRule {
  /** What is wrong and what to do about it. Used by both sides. */
  message: string;
  /**
   * The operator's equivalent of `rule`. Like CEL, it runs only on values that satisfy the schema, so it can rely on types
   * and required fields. Leave it out only for rules that need the old object (`oldSelf`).
   */
  check?: (value: T) => boolean;
  /** The operator's equivalent of `messageExpression`. */
  describe?: (value: T) => string;
}
