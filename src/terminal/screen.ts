import type { Look } from './look.ts';
import { widthOf } from './text.ts';

/** What of a stream is needed; `process.stdout` has it. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  write(text: string): unknown;
}

// https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036: terminals show what is between at once.
const BEGIN_UPDATE = '\u001b[?2026h';
const END_UPDATE = '\u001b[?2026l';
const ERASE_DOWN = '\u001b[J';

/**
 * Where everything is shown: a terminal, on which lines can be drawn over, or anything else, which gets plain lines.
 *
 * The lines drawn must not be wider than the look: where they end up is counted, not asked for.
 */
export class Screen {
  /** Whether lines can be drawn over. */
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

  get look(): Look {
    if (!this.live) return { width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY, colour: false };
    // Some pseudo-terminals say 0 columns. The row after the last line is where the cursor rests.
    const { columns, rows } = this.#output;
    return { width: columns || 80, height: (rows || 24) - 1, colour: this.#colour };
  }

  /** Puts lines that stay; what is drawn is drawn below them. */
  print(lines: readonly string[]): void {
    const frame = this.#frame;
    this.#write(`${this.#erase()}${text(lines)}${text(frame)}`);
    this.#frame = frame;
  }

  /** Draws lines in place of those drawn before. Only where `live`. */
  draw(lines: readonly string[]): void {
    this.#write(`${this.#erase()}${text(lines)}`);
    this.#frame = lines;
  }

  /** Leaves the lines drawn last where they are. */
  settle(): void {
    this.#frame = [];
  }

  /** A key pressed meanwhile (such as `^C`) may have been echoed below the frame; that goes too. */
  #erase(): string {
    if (!this.live) return '';
    // A terminal that has become narrower has wrapped them.
    const { width } = this.look;
    const rows = this.#frame.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / width)), 0);
    this.#frame = [];
    return `${rows > 0 ? `\u001b[${rows}A` : ''}\r${ERASE_DOWN}`;
  }

  #write(what: string): void {
    if (what !== '') this.#output.write(this.live ? `${BEGIN_UPDATE}${what}${END_UPDATE}` : what);
  }
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
