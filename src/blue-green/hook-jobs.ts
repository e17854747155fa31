import type { StoredObject } from '../../operator/index.ts';
import type { Job } from '../../resources/index.ts';
import { oneLine } from '../terminal/text.ts';
import type { Pod } from '../workload/pod.ts';
import { jobResult } from './job-results.ts';
import type { HookJobs } from './observed.ts';

/** The Job controller sets it on the pods of a Job. */
const JOB_NAME = 'batch.kubernetes.io/job-name';
const MAX_LINES = 2_000;

/** The Jobs of hooks, by name. Of one that failed, the result has the last lines that its pod printed. */
export function hookJobs(jobs: readonly StoredObject<Job>[], pods: readonly StoredObject<Pod>[]): HookJobs {
  return Object.fromEntries(
    jobs.map((job) => {
      const result = jobResult(job);
      const lines = result && !result.ok ? lastLines(job, pods) : undefined;
      const explained = result && lines ? { ...result, message: `${result.message}; it ended with: ${lines}` } : result;
      return [job.metadata.name, { spec: job.spec, ...(explained && { result: explained }) }];
    }),
  );
}

/** Only of pods that the Job controller made: users may give the label to pods of their own. */
function lastLines({ metadata: { name, uid } }: StoredObject<Job>, pods: readonly StoredObject<Pod>[]) {
  const own = pods.find(
    ({ metadata }) =>
      metadata.labels?.[JOB_NAME] === name &&
      metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid),
  );
  const message = own?.status?.containerStatuses?.[0]?.state?.terminated?.message;
  return message ? oneLine(message).slice(-MAX_LINES) : undefined;
}
