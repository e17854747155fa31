import { widthOf } from '../../src/terminal/text.ts';

const SIZE = 13;
const COLUMN = 7.8;
const ROW = 19;
const EDGE = 16;
const BAR = 30;

const BLANK = '\u00a0';
/** SGR colours of a dark terminal. */
const COLOURS: Record<string, string> = { 31: '#ff7b72', 32: '#3fb950', 33: '#d29922', 90: '#8b949e' };
const TEXT = '#e6edf3';
/** Control sequences other than colours: those that move the cursor or erase. */
const OTHERS = new RegExp(`${String.fromCharCode(27)}\\[[?\\d;]*[A-Za-ln-z]`, 'g');
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[(\\d*)m`);

/**
 * Draws a terminal as SVG, with coloured text that can be selected.
 *
 * @param command the typed command
 * @param output its output, with SGR sequences
 */
export function terminalPicture(command: string, output: string): string {
  const lines = [
    `\u001b[32m$\u001b[0m ${command}`,
    ...output.replace(OTHERS, '').replaceAll('\r', '').trimEnd().split('\n'),
  ];
  const columns = Math.max(60, ...lines.map(widthOf));
  const width = Math.ceil(columns * COLUMN + 2 * EDGE);
  const height = BAR + lines.length * ROW + EDGE;
  const texts = lines.map((line, index) => {
    const length = (widthOf(line.trimEnd()) * COLUMN).toFixed(1);
    const y = BAR + (index + 0.75) * ROW;
    // A fixed width in every font keeps columns aligned.
    return `<text x="${EDGE}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${spans(line.trimEnd())}</text>`;
  });
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (colour, index) => `<circle cx="${EDGE + 6 + index * 18}" cy="${BAR / 2}" r="5.5" fill="${colour}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(command).replaceAll(BLANK, ' ')}</title>`,
    `<rect width="${width}" height="${height}" rx="9" fill="#0d1117"/>`,
    ...dots,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${SIZE}" fill="${TEXT}">`,
    ...texts.filter((text) => !text.includes('textLength="0.0"')),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** The pieces of a line in their colours. */
function spans(line: string): string {
  let colour: string | undefined;
  const pieces = line.split(COLOUR);
  return pieces
    .map((piece, index) => {
      if (index % 2 === 1) {
        colour = COLOURS[piece];
        return '';
      }
      if (piece === '') return '';
      return colour ? `<tspan fill="${colour}">${escaped(piece)}</tspan>` : escaped(piece);
    })
    .join('');
}

function escaped(text: string): string {
  // No-break spaces are not collapsed.
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`).replaceAll(' ', BLANK);
}
