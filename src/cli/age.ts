const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/** How long ago a time was, in its greatest unit, as kubectl's AGE: `45s`, `3m`, `2h`, `5d`. `?` if there is no such time. */
export function age(time: string | undefined, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(time ?? '')) / 1000));
  if (Number.isNaN(seconds)) return '?';
  for (const [unit, length] of UNITS) {
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)}${unit}`;
  }
  return `${seconds}s`;
}
