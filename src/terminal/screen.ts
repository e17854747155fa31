import { joinLines, plainButColours, widthOf } from './text.ts';
import type { Viewport } from './viewport.ts';
import { plainLine } from './write.ts';

/** The part of `process.stdout` that a screen uses. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  write(text: string): unknown;
}

// https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036: terminals show the text between them at once.
const BEGIN_UPDATE = '\u001b[?2026h';
const END_UPDATE = '\u001b[?2026l';
const ERASE_DOWN = '\u001b[J';

/**
 * The output of this program: a terminal, on which a frame of lines can be redrawn, or anything else, which gets plain
 * lines. Lines of a frame must fit the width of the viewport: their rows are counted to erase them.
 */
export class Screen {
  /** Whether a frame can be redrawn. */
  readonly live: boolean;
  readonly #output: Output;
  readonly #colour: boolean;
  #frame: readonly string[] = [];

  constructor(output: Output = process.stdout, env: NodeJS.ProcessEnv = process.env) {
    this.#output = output;
    this.live = Boolean(output.isTTY) && env.TERM !== 'dumb';
    // https://no-color.org: any value but the empty one.
    this.#colour = this.live && !env.NO_COLOR;
  }

  get viewport(): Viewport {
    if (!this.live) return { width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY, colour: false };
    // Some pseudo-terminals report 0 columns. The cursor takes the row after the last line.
    const { columns, rows } = this.#output;
    return { width: columns || 80, height: (rows || 24) - 1, colour: this.#colour };
  }

  /** Prints lines of plain text that stay, above the frame. */
  print(lines: readonly string[]): void {
    this.#stay(lines.map(plainLine));
  }

  /** Prints lines that stay, above the frame. They may have colours, so all foreign text in them must have gone through `styledLine()`. */
  printStyled(lines: readonly string[]): void {
    this.#stay(lines.map(plainButColours));
  }

  #stay(lines: readonly string[]): void {
    const frame = this.#frame;
    this.#write(`${this.#erase()}${joinLines(lines)}${joinLines(frame)}`);
    this.#frame = frame;
  }

  /** Replaces the frame. Only if `live`. As for `printStyled()`. */
  draw(given: readonly string[]): void {
    const lines = given.map(plainButColours);
    this.#write(`${this.#erase()}${joinLines(lines)}`);
    this.#frame = lines;
  }

  /** Leaves the frame in place; the next one starts below it. */
  keepFrame(): void {
    this.#frame = [];
  }

  /** Erases the frame, and keys that were echoed below it, such as `^C`. */
  #erase(): string {
    if (!this.live) return '';
    // A terminal that has become narrower has wrapped them.
    const { width } = this.viewport;
    const rows = this.#frame.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / width)), 0);
    this.#frame = [];
    return `${rows > 0 ? `\u001b[${rows}A` : ''}\r${ERASE_DOWN}`;
  }

  #write(what: string): void {
    if (what !== '') this.#output.write(this.live ? `${BEGIN_UPDATE}${what}${END_UPDATE}` : what);
  }
}
