import type { Look } from './look.ts';
import { cutEnd, paint, widthOf } from './text.ts';

/** A piece of a line: text, and the colour it may have. */
export type Piece = string | readonly [text: string, colour: number | undefined];

/** The pieces as one line, cut where the look ends. */
export function styledLine(pieces: readonly Piece[], { width, colour }: Pick<Look, 'width' | 'colour'>): string {
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
