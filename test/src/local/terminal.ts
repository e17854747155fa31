import type { Output } from '../../../src/terminal/screen.ts';

/** A control sequence or a character. */
const TOKEN = new RegExp(`${String.fromCharCode(27)}\\[[?\\d]*[a-zA-Z]|[^]`, 'g');

/** A terminal that understands only what Screen uses; anything else is an error. */
export class Terminal implements Output {
  readonly isTTY = true;
  columns = 80;
  rows = 24;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  /** The visible text, without trailing blanks. */
  get text(): string {
    return this.#lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  write(text: string): void {
    for (const [token] of text.matchAll(TOKEN)) this.#take(token);
  }

  #take(token: string): void {
    const [, count = '', letter = ''] = /^.\[([?\d]*)([a-zA-Z])$/.exec(token) ?? [];
    if (token === '\n') {
      this.#row += 1;
      this.#column = 0;
      this.#lines[this.#row] ??= '';
    } else if (token === '\r') this.#column = 0;
    else if (letter === 'A') this.#row = Math.max(0, this.#row - Number(count));
    else if (letter === 'J') {
      this.#lines.length = this.#row + 1;
      this.#lines[this.#row] = this.#line().slice(0, this.#column);
    } else if (letter === 'm' || count === '?2026') return;
    else if (letter !== '') throw new Error(`unknown sequence ${JSON.stringify(token)}`);
    else {
      const line = this.#line().padEnd(this.#column);
      this.#lines[this.#row] = line.slice(0, this.#column) + token + line.slice(this.#column + 1);
      this.#column += 1;
    }
  }

  #line(): string {
    return this.#lines[this.#row] ?? '';
  }
}
