import { columns } from './columns.ts';
import { type Piece, styledLine } from './styled-line.ts';
import { GREY } from './text.ts';
import type { Viewport } from './viewport.ts';

export interface TableRow {
  cells: readonly Piece[];
  /** Colour of the whole row. */
  colour?: number | undefined;
}

/** The lines of a table: titles in grey, then the rows. */
export function tableLines(
  titles: readonly string[],
  rows: readonly TableRow[],
  viewport: Pick<Viewport, 'width' | 'colour'>,
): string[] {
  const text = (piece: Piece) => (typeof piece === 'string' ? piece : piece[0]);
  const [head = [], ...body] = columns([titles, ...rows.map(({ cells }) => cells.map(text))]);
  return [
    styledLine([[head.join(''), GREY]], viewport),
    ...body.map((padded, at) => {
      const { cells = [], colour } = rows[at] ?? {};
      if (colour !== undefined) return styledLine([[padded.join(''), colour]], viewport);
      return styledLine(
        padded.map((cell, column): Piece => {
          const piece = cells[column];
          return typeof piece === 'object' ? [cell, piece[1]] : cell;
        }),
        viewport,
      );
    }),
  ];
}
