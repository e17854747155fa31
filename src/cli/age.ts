const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/** Time since then in one unit, like kubectl's AGE: `45s`, `3m`, `2h`, `5d`; `?` without a valid time. */
export function age(time: string | undefined, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(time ?? '')) / 1000));
  if (Number.isNaN(seconds)) return '?';
  for (const [unit, length] of UNITS) {
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)}${unit}`;
  }
  return `${seconds}s`;
}
