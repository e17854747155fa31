import { stripVTControlCharacters } from 'node:util';

/** Colours as in SGR sequences: https://en.wikipedia.org/wiki/ANSI_escape_code#Colors */
export const GREEN = 32;
export const YELLOW = 33;
export const RED = 31;
export const GREY = 90;

/** Width of a text on a terminal in columns, without its colours. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += columnsOf(character);
  return width;
}

/** The text if it fits, otherwise its start and `…`. For text without colours. */
export function cutEnd(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${fitting([...text], width - 1)}…`.slice(0, Math.max(0, width));
}

/** The text if it fits, otherwise `…` and its end, such as the tag of an image. */
export function cutStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const end = fitting([...text].reverse(), width - 1);
  return `…${[...end].reverse().join('')}`.slice(0, Math.max(0, width));
}

/** Joins lines, each with a line feed. */
export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** Pads a text with spaces. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/**
 * Turns foreign text into one line without control characters. A message in a status may contain anything: it must neither
 * break the table nor control the terminal.
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ')
    .trim();
}

export function paint(text: string, colour: number | undefined, wanted: boolean): string {
  return wanted && colour !== undefined && text !== '' ? `\u001b[${colour}m${text}\u001b[0m` : text;
}

/** Formats a duration, such as `0.4 s`, `12 s` or `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest > 0 ? ` ${rest} s` : ''}`;
}

function fitting(characters: string[], width: number): string {
  let text = '';
  let left = width;
  for (const character of characters) {
    left -= columnsOf(character);
    if (left < 0) break;
    text += character;
  }
  return text;
}

/** East Asian characters and emoji take two columns. */
function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  const wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xffdc) || code >= 0x1f000;
  return wide ? 2 : 1;
}
