import type { StoredObject } from '../../operator/index.ts';
import type { ReleasePhase, RestAPI } from '../../resources/index.ts';

/** What the release of a RestAPI means to the others. */
export type ReleaseSlot = 'InProgress' | 'Waiting';

/** The phases in which a release costs something, and does not wait for a person or a time. */
const TAKE_SLOT: readonly ReleasePhase[] = ['Draining', 'Migrating', 'Preparing', 'Checking', 'Promoting'];
/** Without progress for so long a release takes no slot, milliseconds: its pods cost what they cost, others go on. */
const STALLED_MS = 600_000;
/** The time by which a release may be late, and clocks may differ, milliseconds. */
const MARGIN_MS = 60_000;
/** The phases in which progressDeadlineSeconds counts. */
const WITH_DEADLINE: readonly ReleasePhase[] = ['Preparing', 'Promoting'];

/**
 * Whether the release of a RestAPI takes a slot or waits for one; undefined: neither. Pure, and independent of the time, so
 * that it can be an index; it also takes RestAPIs that are invalid.
 */
export function slotOf({ metadata, spec, status }: StoredObject<RestAPI>): ReleaseSlot | undefined {
  const release = status?.release;
  if (!release || metadata.deletionTimestamp || !spec?.blueGreen?.enabled) return undefined;
  if (release.phase === 'Queued') return release.queuedAt === undefined ? undefined : 'Waiting';
  // After a failed check it waits for a user.
  const failed = release.phase === 'Checking' && status.checks?.result === 'Failed';
  return TAKE_SLOT.includes(release.phase) && !failed ? 'InProgress' : undefined;
}

/**
 * Whether a release has made no progress for longer than its own deadline allows, or for 10 minutes. It may hang for a week
 * if its author says so, but not at the cost of others.
 */
export function isStalled({ spec, status }: StoredObject<RestAPI>, now: number): boolean {
  const { phase, progressedAt } = status?.release ?? {};
  const own =
    phase && WITH_DEADLINE.includes(phase)
      ? ((spec?.blueGreen?.progressDeadlineSeconds ?? Infinity) + (spec?.minReadySeconds ?? 0)) * 1_000
      : Infinity;
  const idleMs = now - Date.parse(progressedAt ?? '');
  // A time in the future, or none, is not the operator's.
  return !(idleMs > -MARGIN_MS && idleMs <= Math.min(own, STALLED_MS) + MARGIN_MS);
}

/**
 * When the operator last did something for a RestAPI's releases, milliseconds since 1970; 0: never. A release that was
 * cancelled while it waited got nothing.
 */
export function servedAt({ status }: StoredObject<RestAPI>): number {
  const { history = [], release } = status ?? {};
  const ended = history.find(({ result }) => result !== 'Cancelled')?.at;
  const progressed = release && release.phase !== 'Queued' ? release.progressedAt : undefined;
  return Math.max(0, ...[ended, progressed].map((time) => Date.parse(time ?? '') || 0));
}
