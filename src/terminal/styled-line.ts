import { cutEnd, paint, widthOf } from './text.ts';
import type { Viewport } from './viewport.ts';

/** A piece of a line: text, optionally with a colour. */
export type Piece = string | readonly [text: string, colour: number | undefined];

/** Joins pieces to a line and cuts it at the width. */
export function styledLine(pieces: readonly Piece[], { width, colour }: Pick<Viewport, 'width' | 'colour'>): string {
  let left = width;
  let line = '';
  for (const piece of pieces) {
    const [text, wanted] = typeof piece === 'string' ? [piece, undefined] : piece;
    const shown = cutEnd(text, left);
    line += paint(shown, wanted, colour);
    if (shown !== text) break;
    left -= widthOf(shown);
  }
  return line;
}
