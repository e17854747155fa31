/**
 * Returns the time that SOURCE_DATE_EPOCH sets (https://reproducible-builds.org/specs/source-date-epoch/), undefined without it.
 * Builds take the time from here and never from the clock, so that two builds of the same source give the same bytes.
 *
 * @throws Error if the variable is not a number of seconds since 1970
 */
export function sourceDate(env: NodeJS.ProcessEnv = process.env): Date | undefined {
  const seconds = env.SOURCE_DATE_EPOCH;
  if (seconds === undefined || seconds === '') return undefined;
  const date = new Date(Number(seconds) * 1000);
  if (/^\d+$/.test(seconds) && !Number.isNaN(date.getTime())) return date;
  throw new Error(
    `SOURCE_DATE_EPOCH is ${JSON.stringify(seconds)}: set it to seconds since 1970, such as $(git log -1 --format=%ct)`,
  );
}
