import type { JsonSchema } from './json-schema.ts';

/** Rules for the keys of a map. A structural schema has none for keys, so they become CEL rules. */
export interface KeyRules {
  /** Must match the whole key (`^…$`), in the syntax that RE2 and JavaScript share. */
  pattern: RegExp;
  /** Message after the invalid key: `… must start with a letter`. */
  message: string;
  maxLength?: number;
  /** Keys that are rejected although they match. */
  reserved?: readonly ReservedKeys[];
}

/** Keys that are rejected, by name or by prefix. */
export interface ReservedKeys {
  keys?: readonly string[];
  prefixes?: readonly string[];
  /** Message after the rejected key: `… is set by the operator: remove it`. */
  message: string;
}

/** A map from strings to simple values. */
export interface MapRules {
  keys: KeyRules;
  /** The schema of each value: a scalar. */
  values: JsonSchema;
  maxProperties: number;
}
