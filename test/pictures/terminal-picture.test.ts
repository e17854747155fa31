import { expect, test } from 'vitest';
import { terminalPicture } from './terminal-picture.ts';

test('draws lines, columns and colours of a terminal as text', () => {
  const picture = terminalPicture(
    'kubectl x',
    `\u001b[?2026h\u001b[33mmodel  1/2\u001b[0m ok\r\n\r\n<b> & "c"\r\n\u001b[J\u001b[?2026l`,
  );
  const lines = picture.split('\n').filter((line) => line.startsWith('<text'));
  expect(lines.map((line) => line.replace(/^<text [^>]*>|<\/text>$/g, '').replaceAll('\u00a0', '·'))).toEqual([
    '<tspan fill="#3fb950">$</tspan>·kubectl·x',
    '<tspan fill="#d29922">model··1/2</tspan>·ok',
    '&#60;b&#62;·&#38;·&#34;c&#34;',
  ]);
  // 13 columns of 7.8; the third line is empty, and the fourth is below where it would be.
  expect(lines[1]).toContain('textLength="101.4"');
  const rows = lines.map((line) => Number(/ y="([\d.]+)"/.exec(line)?.[1]));
  expect(rows.map((y) => (y - (rows[0] ?? 0)) / 19)).toEqual([0, 1, 3]);
  expect(picture).not.toContain('\u001b');
});
