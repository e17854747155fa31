import { Cel, celList, celString } from './cel.ts';
import type { CelRule } from './cel-rule.ts';
import { ownFieldNotes } from './class-notes.ts';
import type { MapRules, ReservedKeys } from './map-rules.ts';

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
    const { pattern, message, maxLength = 253, reserved = [] } = rules.keys;
    const good = (key: string): boolean => key.length <= maxLength && pattern.test(key);
    const goodInCel = `k.size() <= ${maxLength} && k.matches(${celString(pattern.source)})`;
    const keyRule: CelRule<object> = {
      rule: `self.all(k, ${goodInCel})`,
      message: `a key ${message}`,
      messageExpression: `self.filter(k, !(${goodInCel}))[0] + ${JSON.stringify(` ${message}`)}`,
      check: (map) => Object.keys(map).every(good),
      describe: (map) => `${firstKey(map, (key) => !good(key))} ${message}`,
    };
    Cel(keyRule, ...reserved.map(reservedRule))(target, field);
  };
}

function reservedRule({ keys = [], prefixes = [], message }: ReservedKeys): CelRule<object> {
  const isReserved = (key: string): boolean => keys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix));
  const reservedInCel = [
    ...(keys.length > 0 ? [`k in ${celList(keys)}`] : []),
    ...prefixes.map((prefix) => `k.startsWith(${celString(prefix)})`),
  ].join(' || ');
  return {
    rule: `self.all(k, !(${reservedInCel}))`,
    message: `a key ${message}`,
    messageExpression: `self.filter(k, ${reservedInCel})[0] + ${JSON.stringify(` ${message}`)}`,
    check: (map) => !Object.keys(map).some(isReserved),
    describe: (map) => `${firstKey(map, isReserved)} ${message}`,
  };
}

function firstKey(map: object, test: (key: string) => boolean): string {
  return Object.keys(map).find(test) ?? '';
}
