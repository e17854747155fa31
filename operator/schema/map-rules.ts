import type { JsonSchema } from './json-schema.ts';

/** What the keys of a map may be. The API server has no schema for keys, so these become CEL rules. */
export interface KeyRules {
  /** Must match as a whole (say `^…$`), in the syntax RE2 and JavaScript share. */
  pattern: RegExp;
  /** What a key must be, to be read after the bad key: `… must start with a letter`. */
  message: string;
  maxLength?: number;
  /** Keys that are refused although they match, and why, to be read after the key. */
  reserved?: { keys: readonly string[]; message: string };
}

/** A map from strings to simple values. */
export interface MapRules {
  keys: KeyRules;
  /** The schema of each value: a scalar. */
  values: JsonSchema;
  maxProperties: number;
}
