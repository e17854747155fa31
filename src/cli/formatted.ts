import { stringify } from 'yaml';

/** Formats a value for programs. @param format json or yaml @returns lines */
export function formatted(value: object, format: string): string[] {
  return (
    format === 'json' ? JSON.stringify(value, undefined, 2) : stringify(value, { compat: 'yaml-1.1' }).trimEnd()
  ).split('\n');
}
