import { stripVTControlCharacters } from 'node:util';
import { plainText } from '../../operator/log/plain-text.ts';

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

/** The plain text if it fits, otherwise its start and `…`. */
export function cutEnd(given: string, width: number): string {
  const text = plainText(given);
  return widthOf(text) <= width ? text : `${fitting([...text], width - 1)}…`.slice(0, Math.max(0, width));
}

/** The plain text if it fits, otherwise `…` and its end, such as the tag of an image. */
export function cutStart(given: string, width: number): string {
  const text = plainText(given);
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

/** Turns foreign text into one line of plain text with single spaces. A message in a status may contain anything. */
export function oneLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, ' ').trim();
}

/** Returns plain text in a colour. Nothing else makes colours, and foreign text cannot contain any. */
export function paint(given: string, colour: number | undefined, wanted: boolean): string {
  const text = plainText(given);
  return wanted && colour !== undefined && text !== '' ? `\u001b[${colour}m${text}\u001b[0m` : text;
}

const COLOURS = new RegExp(`(\u001b\\[(?:${[0, RED, GREEN, YELLOW, GREY].join('|')})m)`);

/** Returns a line that keeps the colours of `paint()` and is plain text otherwise. */
export function plainButColours(line: string): string {
  return line
    .split(COLOURS)
    .map((part, at) => (at % 2 === 1 ? part : plainText(part)))
    .join('');
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
