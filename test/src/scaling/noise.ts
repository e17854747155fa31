const MINUTE = 60_000;

/** From 0 to 1, without a pattern, and the same each time. @param at in ms since 1970 */
export function noise(at: number): number {
  const x = Math.sin(at / MINUTE) * 43_758.5453;
  return x - Math.floor(x);
}
