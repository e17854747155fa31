import { Cel, celList, celString } from './cel.ts';
import type { CelRule } from './cel-rule.ts';
import { ownFieldNotes } from './class-notes.ts';
import type { MapRules } from './map-rules.ts';

/**
 * Declares a field as a map with arbitrary keys. The API server and the operator both check keys and values. The operator keeps
 * the map as the server sent it, including keys such as `__proto__` and `constructor`: read it with `Object.entries` or
 * `Object.hasOwn`, never with `map[key]` alone.
 *
 * @example
 * ```ts
 * \@MapOf({
 *   keys: { pattern: /^[A-Z_]+$/, message: 'must consist of capital letters and underscores' },
 *   values: { type: 'string' },
 *   maxProperties: 100,
 * })
 * variables!: Record<string, string>;
 * ```
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
