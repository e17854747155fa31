import { Cel, type CelRule, celList, celString } from './cel.ts';
import { ownFieldNotes } from './class-notes.ts';
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

/**
 * A field that holds a map with keys of the user's choice. Both sides check keys and values. In the operator such a
 * map stays the object that came from the server, so that keys such as `__proto__` and `constructor` are kept:
 * read it with `Object.entries` or `Object.hasOwn`, never by `map[key]` alone.
 */
export function MapOf(rules: MapRules) {
  return (target: object, field: string): void => {
    ownFieldNotes(target.constructor, field).map = rules;
    const { pattern, message, maxLength = 253, reserved } = rules.keys;
    const good = (key: string): boolean => key.length <= maxLength && pattern.test(key);
    const goodInCel = `k.size() <= ${maxLength} && k.matches(${celString(pattern.source)})`;
    const bad = (map: object, test: (key: string) => boolean): string =>
      Object.keys(map).find((key) => !test(key)) ?? '';
    const free = (key: string): boolean => !reserved?.keys.includes(key);
    const keyRule: CelRule<object> = {
      rule: `self.all(k, ${goodInCel})`,
      message: `a key ${message}`,
      messageExpression: `self.filter(k, !(${goodInCel}))[0] + ${JSON.stringify(` ${message}`)}`,
      check: (map) => Object.keys(map).every(good),
      describe: (map) => `${bad(map, good)} ${message}`,
    };
    const reservedRule: CelRule<object>[] = reserved
      ? [
          {
            rule: `self.all(k, !(k in ${celList(reserved.keys)}))`,
            message: `a key ${reserved.message}`,
            messageExpression: `self.filter(k, k in ${celList(reserved.keys)})[0] + ${JSON.stringify(` ${reserved.message}`)}`,
            check: (map) => Object.keys(map).every(free),
            describe: (map) => `${bad(map, free)} ${reserved.message}`,
          },
        ]
      : [];
    Cel(keyRule, ...reservedRule)(target, field);
  };
}
