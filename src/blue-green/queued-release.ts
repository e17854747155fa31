import type { ReleaseStatus, TrialStatus } from '../../resources/index.ts';
import { authorOf } from './author.ts';
import { PROMOTE } from './rejection.ts';
import type { ReleaseInputs } from './release-inputs.ts';
import { storedRelease } from './release-status.ts';
import type { Target } from './target.ts';
import { windowEnd } from './trial.ts';
import { turnMessage } from './turn-wait.ts';

/** The status of a release that waits for the trial of the active revision, or for its turn; undefined: none does. */
export function queuedRelease(inputs: ReleaseInputs): ReleaseStatus | undefined {
  const { api, holding, now, queued, wait } = inputs;
  const message = wait
    ? turnMessage(api.metadata.name, wait)
    : holding && queued && trialMessage(inputs, queued, holding);
  if (!queued || !message) return undefined;
  const { revision, environment } = queued;
  const before = storedRelease(api.status, queued);
  const startedAt = before?.startedAt ?? now.toISOString();
  return {
    revision: revision.name,
    environment,
    phase: 'Queued',
    startedAt,
    ...(before ? before.by && { by: before.by } : authorOf(api)),
    progressedAt: before?.progressedAt ?? startedAt,
    availableReplicas: 0,
    ...(wait && { queuedAt: queuedSince(api) ?? now.toISOString() }),
    message,
  };
}

/** Since when the RestAPI waits for its turn: a newer version takes the place of the one that waits. */
function queuedSince({ status }: ReleaseInputs['api']): string | undefined {
  return status?.release?.phase === 'Queued' ? status.release.queuedAt : undefined;
}

function trialMessage(
  { api, active, now }: ReleaseInputs,
  { revision, environment }: Target,
  trial: TrialStatus,
): string {
  const { name } = api.metadata;
  const end = windowEnd(api, trial);
  const failing = (trial.failing ?? []).map(({ component }) => component);
  const until = [
    ...(end > now.getTime() ? [`until ${new Date(end).toISOString()}`] : []),
    ...(api.status?.checks?.stage === 'postPromotion' && api.status.checks.result === 'Running'
      ? ['until its checks have finished']
      : []),
    ...(failing.length > 0 ? [`while ${failing.join(', ')} is failing`] : []),
  ];
  return (
    `Waiting because revision ${trial.revision} in ${active.name} is on trial${until.length > 0 ? ` ${until.join(' and ')}` : ''}, ` +
    `and revision ${trial.proven} keeps environment ${environment} for a rollback. To begin at once, without that rollback: ` +
    `kubectl annotate restapi ${name} ${PROMOTE}=${revision.name}`
  );
}
