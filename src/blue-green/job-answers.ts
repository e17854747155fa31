import type { StoredObject } from '../../operator/index.ts';
import type { Job } from '../../resources/index.ts';
import type { Answer, Answers } from './observed.ts';

/** How the Jobs of checks ended, of those that have. */
export function answersOf(jobs: readonly StoredObject<Job>[]): Answers {
  return Object.fromEntries(
    jobs.flatMap((job): [string, Answer][] => {
      const answer = answerOf(job);
      return answer ? [[job.metadata.name, answer]] : [];
    }),
  );
}

function answerOf({ metadata, status }: StoredObject<Job>): Answer | undefined {
  const is = (type: string) => status?.conditions?.find((one) => one.type === type && one.status === 'True');
  const name = `Job ${metadata.name}`;
  if (is('Complete')) return { ok: true, message: `${name} succeeded` };
  const failed = is('Failed');
  if (!failed) return undefined;
  const { reason = 'Failed', message } = failed;
  return { ok: false, message: `${name}: ${reason}${message ? `, ${message}` : ''}` };
}
