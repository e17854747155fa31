import { plainText } from '../../operator/log/plain-text.ts';
import { pad, widthOf } from './text.ts';

/** Pads cells, as plain text, to the width of their column and a gap of two spaces. Does not pad the last column. */
export function columns(given: readonly (readonly string[])[]): string[][] {
  const rows = given.map((row) => row.map(plainText));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : pad(cell, (widths[at] ?? 0) + 2))));
}
