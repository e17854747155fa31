import { BUCKETS_PER_DAY, type KnownLoad } from './load-history.ts';

const DAY = BUCKETS_PER_DAY;
const WEEK = 7 * DAY;

/** The patterns that a forecast builds on, in buckets of the history. */
export interface Seasons {
  name: 'daily' | 'weekly';
  short: number;
  long?: number;
}

/** Days from which a pattern can be learned: it has to be seen twice. */
export const DAYS_TO_LEARN = 2;

/**
 * @returns the patterns that the history was long enough to see twice. That of a week is used a day later: until then
 * nobody knows how good it is, while that of a day goes on being measured
 */
export function seasonsOf({ values }: KnownLoad): Seasons | undefined {
  if (values.length >= 2 * WEEK + DAY) return { name: 'weekly', short: DAY, long: WEEK };
  return values.length >= DAYS_TO_LEARN * DAY ? { name: 'daily', short: DAY } : undefined;
}

/** The longest of the patterns. */
export function longest({ short, long = short }: Seasons): number {
  return long;
}
