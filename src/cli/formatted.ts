import { stringify } from 'yaml';

/** A value for programs, line by line. @param format json or yaml */
export function formatted(value: object, format: string): string[] {
  return (
    format === 'json' ? JSON.stringify(value, undefined, 2) : stringify(value, { compat: 'yaml-1.1' }).trimEnd()
  ).split('\n');
}
