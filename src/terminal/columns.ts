import { pad, widthOf } from './text.ts';

/** Cells of a row made as wide as the widest of their column, two blanks between them; the last column as it is. */
export function columns(rows: readonly (readonly string[])[]): string[][] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : pad(cell, (widths[at] ?? 0) + 2))));
}
