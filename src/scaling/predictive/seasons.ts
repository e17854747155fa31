import { BUCKETS_PER_DAY, type KnownLoad } from './load-history.ts';

const DAY = BUCKETS_PER_DAY;
const WEEK = 7 * DAY;

/** The seasons of a forecast, in buckets of the history. */
export interface Seasons {
  name: 'daily' | 'weekly';
  short: number;
  long?: number;
}

/** Days needed to learn a season: it must be included twice. */
export const DAYS_TO_LEARN = 2;

/**
 * The seasons that the history includes twice. The weekly one is used a day later, when its error can be measured.
 */
export function seasonsOf({ values }: KnownLoad): Seasons | undefined {
  if (values.length >= 2 * WEEK + DAY) return { name: 'weekly', short: DAY, long: WEEK };
  return values.length >= DAYS_TO_LEARN * DAY ? { name: 'daily', short: DAY } : undefined;
}

/** The longest season. */
export function longest({ short, long = short }: Seasons): number {
  return long;
}
