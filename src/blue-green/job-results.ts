import type { StoredObject } from '../../operator/index.ts';
import type { Job } from '../../resources/index.ts';
import type { AttemptResult, AttemptResults } from './observed.ts';

/** After its own deadline a Job may take this long to finish before it counts as failed, in milliseconds. */
export const JOB_GRACE_MS = 60_000;

/** Results of the Jobs of checks that finished, by name. */
export function jobResults(jobs: readonly StoredObject<Job>[]): AttemptResults {
  return Object.fromEntries(
    jobs.flatMap((job): [string, AttemptResult][] => {
      const result = jobResult(job);
      return result ? [[job.metadata.name, result]] : [];
    }),
  );
}

/** The result of a Job; undefined: it has not finished. */
export function jobResult({ metadata, status }: StoredObject<Job>): AttemptResult | undefined {
  const is = (type: string) => status?.conditions?.find((one) => one.type === type && one.status === 'True');
  const name = `Job ${metadata.name}`;
  if (is('Complete')) return { ok: true, message: `${name} succeeded` };
  const failed = is('Failed');
  if (!failed) return undefined;
  const { reason = 'Failed', message } = failed;
  return { ok: false, message: `${name}: ${reason}${message ? `, ${message}` : ''}` };
}
