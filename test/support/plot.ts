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
/** Seconds between two ticks of a short plot. */
const TICK_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600];
const MOST_TICKS = 16;

/** What the horizontal axis shows. */
export interface TimeAxis {
  /** Time of the first value, in ms since 1970; with `ticks: 'seconds'` 0. */
  start: number;
  /** ms from one value to the next. */
  every: number;
  /** Of the values. */
  unit: string;
  /** Default: days. */
  ticks?: 'days' | 'seconds';
}

/**
 * Draws a plot over time as SVG, readable on light and dark pages.
 *
 * @param extra `band`: drawn as an area between two lines. `marks`: nonzero values are marked above the lines, a row for each.
 *   `events`: vertical lines with a name, at a time in ms since the start
 */
export function plot(
  title: string,
  { start, every, unit, ticks = 'days' }: TimeAxis,
  lines: readonly Line[],
  extra: {
    band?: { name: string; colour: string; low: ArrayLike<number>; high: ArrayLike<number> };
    marks?: { name: string; colour: string; values: ArrayLike<number> }[];
    events?: readonly { name: string; atMs: number }[];
  } = {},
): string {
  const { band, marks = [], events = [] } = extra;
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
  for (const [at, text] of ticks === 'days' ? dayTicks(start, count * every) : secondTicks(count * every)) {
    const place = x(at / every);
    parts.push(
      `<path d="M${place} ${TOP}V${HEIGHT - BOTTOM}" stroke="#888" stroke-opacity=".25"/>`,
      `<text x="${Number(place) + 3}" y="${HEIGHT - 8}">${text}</text>`,
    );
  }
  events.forEach(({ name, atMs }, row) => {
    const place = x(atMs / every);
    // In turn at two heights, as names of events that follow each other would overlap.
    const height = TOP + 12 + (row % 2) * 14;
    parts.push(
      `<path d="M${place} ${TOP}V${HEIGHT - BOTTOM}" stroke="#888" stroke-dasharray="2 2"/>`,
      `<text x="${Number(place) + 3}" y="${height}">${escapeXml(name)}</text>`,
    );
  });
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
    ({ name, colour }) => `<tspan fill="${colour}" dx="14">■</tspan><tspan dx="4">${escapeXml(name)}</tspan>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="#888">`,
    `<title>${escapeXml(title)}</title>`,
    `<text x="${LEFT}" y="13" font-size="13">${escapeXml(title)}</text>`,
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

/** Midnights with their days, as ms since the start. */
function dayTicks(start: number, length: number): [number, string][] {
  const ticks: [number, string][] = [];
  for (let at = Math.ceil(start / DAY_MS) * DAY_MS; at < start + length; at += DAY_MS) {
    ticks.push([at - start, new Date(at).toUTCString().slice(0, 11).replace(',', '')]);
  }
  return ticks;
}

/** Round numbers of seconds, as ms since the start. */
function secondTicks(length: number): [number, string][] {
  const every = (TICK_SECONDS.find((seconds) => length / 1_000 / seconds <= MOST_TICKS) ?? 3_600) * 1_000;
  return Array.from({ length: Math.ceil(length / every) }, (_, at) => [at * every, `${(at * every) / 1_000} s`]);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
