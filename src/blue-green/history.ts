import type { StoredObject } from '../../operator/index.ts';
import type { ReleaseRecord, RestAPI } from '../../resources/index.ts';
import { authorOf } from './author.ts';
import { rejectionOf, SKIP_CHECKS } from './rejection.ts';
import type { ReleaseEvent } from './release-events.ts';
import { askedOf, type ReleaseInputs } from './release-inputs.ts';
import { reportedActive, storedRelease } from './release-status.ts';
import { isStopped } from './stopped.ts';

const KEPT = 10;

type Current = Pick<ReleaseInputs, 'active' | 'front' | 'goal' | 'requested' | 'target'>;

/**
 * Past releases, and Events for those that ended since the last status. A release has ended if the status still has it
 * in progress and the observations do not: so each end is reported once, also after a crash.
 */
export function historyOf(
  api: StoredObject<RestAPI>,
  is: Current,
  now: Date,
): { all: ReleaseRecord[]; events: ReleaseEvent[] } {
  const ended = [...switched(api, is, now), ...dropped(api, is, now)];
  return {
    all: [...ended, ...(api.status?.history ?? [])].slice(0, KEPT),
    events: ended.map(({ result, revision, message }) => ({
      type: result === 'Promoted' || result === 'Cancelled' ? 'Normal' : 'Warning',
      reason: result,
      action: 'Release',
      note: `Revision ${revision}: ${message}`,
    })),
  };
}

/** Traffic moved since the last status. */
function switched(api: StoredObject<RestAPI>, is: Current, now: Date): ReleaseRecord[] {
  const { active, front } = is;
  const was = reportedActive(api.status);
  if (!was || was.name === active.name || !active.revision) return [];
  const at = front.switchedAt ?? now.toISOString();
  const rejection = was.revision && rejectionOf(api, was.revision);
  // What was asked for is promoted, also in the place of a rejected revision.
  if (was.revision && rejection && active.revision !== askedOf(is)) {
    const message = `rolled back to ${active.name}, revision ${active.revision}: ${rejection.message}`;
    return [{ revision: was.revision, image: was.image, result: 'RolledBack', at, ...byOf(rejection), message }];
  }
  const { image } = active.api.spec;
  const { checks, release } = api.status ?? {};
  const skipped = checks?.result === 'Skipped' && checks.revision === active.revision;
  const own = release?.revision === active.revision ? release : undefined;
  const note = [
    own?.promotedBy && own.promotedBy !== own.by ? `; promoted by ${own.promotedBy}` : '',
    skipped ? `; checks were skipped by the annotation ${SKIP_CHECKS}` : '',
    skipped && own?.checksSkippedBy ? ` of ${own.checksSkippedBy}` : '',
  ].join('');
  const message = `traffic goes to ${active.name} (${image})${note}`;
  return [{ revision: active.revision, image, result: 'Promoted', at, ...byOf(own ?? {}), message }];
}

/** The release in the status is no longer in progress, and did not become active. */
function dropped(api: StoredObject<RestAPI>, { active, target }: Current, now: Date): ReleaseRecord[] {
  const release = api.status?.release;
  if (!release || release.environment === active.name) return [];
  if (target && storedRelease(api.status, target)) return [];
  // It is released after the rollback.
  if (release.phase === 'Queued' && target?.rollback) return [];
  const image = api.status?.environments?.find(({ name }) => name === release.environment)?.image ?? api.spec.image;
  const rejection = rejectionOf(api, release.revision);
  const at = now.toISOString();
  const { revision } = release;
  return rejection
    ? [
        {
          revision,
          image,
          result: 'Aborted',
          at,
          ...byOf(rejection),
          message: `aborted: ${rejection.message}`,
        },
      ]
    : [
        {
          revision,
          image,
          result: 'Cancelled',
          at,
          ...authorOf(api),
          message: isStopped(api)
            ? 'the application was stopped; the release begins again when it is started'
            : 'superseded: another revision is now requested',
        },
      ];
}

function byOf({ by }: { by?: string }): { by?: string } {
  return by ? { by } : {};
}
