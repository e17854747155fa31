import type { LastTermination } from '../../resources/index.ts';
import { oneLine } from '../terminal/text.ts';
import type { Pod } from '../workload/pod.ts';
import { truncate } from '../workload/truncate.ts';

/** The longest quoted message, in characters: with the rest it fits into an Event. */
const LONGEST_MESSAGE = 400;
const LONGEST_WORD = 60;

/**
 * How the unready container of a pod last ended, for the record of an action that removes the pod; undefined: it has not.
 * What the container and its runtime wrote becomes one line without control characters, of bounded length.
 */
export function lastTerminationOf({ containerStatuses = [] }: NonNullable<Pod['status']>): LastTermination | undefined {
  for (const { name, ready, state, lastState } of containerStatuses) {
    const ended = state?.terminated ?? lastState?.terminated;
    if (ready || ended?.exitCode === undefined) continue;
    const [reason, message] = [quote(ended.reason, LONGEST_WORD), quote(ended.message, LONGEST_MESSAGE)];
    return {
      container: name,
      exitCode: ended.exitCode,
      ...(reason && { reason }),
      ...(message && { message }),
      ...(ended.finishedAt && { finishedAt: ended.finishedAt }),
    };
  }
  return undefined;
}

function quote(text = '', longest: number): string {
  return truncate(oneLine(text), longest);
}
