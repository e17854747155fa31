import { RELEASE_MESSAGE_MAX_LENGTH, type ReleaseStatus } from '../../resources/index.ts';
import { releaseProblem, type SplitResult } from './serving-result.ts';
import type { StatusCondition } from './status-conditions.ts';

/** A release with what its environment lacks. It is stored, so that a rejection can name it. */
export function withProblem(release: ReleaseStatus, problem: string | undefined): ReleaseStatus {
  if (problem === undefined) return release;
  return { ...release, message: truncated(`${release.message}. ${problem}`), problem: truncated(problem) };
}

function truncated(message: string): string {
  return message.slice(0, RELEASE_MESSAGE_MAX_LENGTH);
}

/** Names objects that could not be applied and that the active environment does not need. */
export function previewCondition(split: SplitResult): StatusCondition[] {
  const { conflicts, failures } = split.releasing;
  const message = releaseProblem(split);
  if (message === undefined) return [];
  const reason = conflicts.length > 0 ? 'NameConflict' : failures.length > 0 ? 'ApplyFailed' : 'KindNotServed';
  return [
    { type: 'PreviewFailed', status: 'True', reason, message: `The active environment is not affected. ${message}` },
  ];
}
