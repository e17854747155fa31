import { ArgumentError } from '../terminal/argument-error.ts';

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads a duration like kubectl, such as `90s` or `1m30s`. @returns milliseconds @throws ArgumentError */
export function readTimeSpan(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    throw new ArgumentError(`"${text}" is not a duration: use numbers with units, such as 90s, 5m or 1h30m`);
  }
  return [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0),
    0,
  );
}
