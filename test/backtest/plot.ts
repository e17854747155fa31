/** One line of a plot. */
export interface Line {
  name: string;
  colour: string;
  values: ArrayLike<number>;
  /** Each value holds until the next, as replicas do. */
  steps?: boolean;
  dashed?: boolean;
}

const WIDTH = 960;
const HEIGHT = 300;
const LEFT = 48;
const RIGHT = 12;
const TOP = 46;
const BOTTOM = 26;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Draws a plot over time as SVG, readable on light and dark pages.
 *
 * @param start time of the first value, in ms since 1970
 * @param every ms from one value to the next
 * @param band drawn as an area between two lines
 * @param marks nonzero values are marked at the bottom
 */
export function plot(
  title: string,
  { start, every, unit }: { start: number; every: number; unit: string },
  lines: readonly Line[],
  extra: {
    band?: { name: string; colour: string; low: ArrayLike<number>; high: ArrayLike<number> };
    marks?: { name: string; colour: string; values: ArrayLike<number> }[];
  } = {},
): string {
  const { band, marks = [] } = extra;
  const count = Math.max(...lines.map(({ values }) => values.length));
  const all = [...lines.map(({ values }) => values), ...(band ? [band.high] : [])];
  const top = niceTop(Math.max(...all.map((values) => Math.max(...Array.from(values)))));
  const x = (index: number) => (LEFT + (index * (WIDTH - LEFT - RIGHT)) / count).toFixed(1);
  const y = (value: number) => (HEIGHT - BOTTOM - (value * (HEIGHT - TOP - BOTTOM)) / top).toFixed(1);
  const parts: string[] = [];
  for (let share = 0; share <= 4; share++) {
    const value = (top * share) / 4;
    parts.push(
      `<path d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}" stroke="#888" stroke-opacity=".25"/>`,
      `<text x="${LEFT - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${Number(value.toFixed(2))}</text>`,
    );
  }
  for (let at = Math.ceil(start / DAY_MS) * DAY_MS; at < start + count * every; at += DAY_MS) {
    const day = new Date(at).toUTCString().slice(0, 11).replace(',', '');
    const place = x((at - start) / every);
    parts.push(
      `<path d="M${place} ${TOP}V${HEIGHT - BOTTOM}" stroke="#888" stroke-opacity=".25"/>`,
      `<text x="${Number(place) + 3}" y="${HEIGHT - 8}">${day}</text>`,
    );
  }
  if (band) {
    const up = Array.from(band.high, (value, index) => `${x(index)} ${y(value)}`);
    const down = Array.from(band.low, (value, index) => `${x(index)} ${y(value)}`).reverse();
    parts.push(`<path d="M${[...up, ...down].join('L')}Z" fill="${band.colour}" fill-opacity=".3"/>`);
  }
  for (const { values, colour, steps, dashed } of lines) {
    const path = Array.from(values, (value, index) =>
      steps && index > 0 ? `H${x(index)}V${y(value)}` : `${index ? 'L' : 'M'}${x(index)} ${y(value)}`,
    ).join('');
    parts.push(
      `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.3"${dashed ? ' stroke-dasharray="5 3"' : ''}/>`,
    );
  }
  marks.forEach(({ values, colour }, row) => {
    const width = ((WIDTH - LEFT - RIGHT) / count).toFixed(2);
    Array.from(values).forEach((value, index) => {
      if (value)
        parts.push(`<rect x="${x(index)}" y="${TOP - 14 + row * 6}" width="${width}" height="5" fill="${colour}"/>`);
    });
  });
  const keys = [...lines, ...(band ? [band] : []), ...marks].map(
    ({ name, colour }) => `<tspan fill="${colour}" dx="14">■</tspan><tspan dx="4">${name}</tspan>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="#888">`,
    `<title>${title}</title>`,
    `<text x="${LEFT}" y="13" font-size="13">${title}</text>`,
    `<text x="${LEFT - 14}" y="28">${keys.join('')}<tspan dx="14">(${unit})</tspan></text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return ([1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].find((one) => one * power >= value) ?? 10) * power;
}
