import type { Condition, StoredObject } from '../../operator/index.ts';
import type { ReleasePhase, RestAPI } from '../../resources/index.ts';
import { type ReleaseHold, releaseHolds } from '../blue-green/release-holds.ts';
import { isTrouble } from './is-trouble.ts';
import { releasedVersion } from './released-version.ts';
import { type Tone, toneOf } from './tone.ts';
import { versionOf } from './version-of.ts';

/** A condition as the dashboard shows it. */
export interface ConditionView extends Pick<Condition, 'type' | 'status' | 'reason' | 'message'> {
  /** When its status last changed, RFC 3339. */
  since: string;
  /** Whether it needs a person's attention. */
  trouble: boolean;
}

/** A version that is held back, and what holds it. */
export interface HeldVersion {
  version: string;
  holds: ReleaseHold[];
}

/** A RestAPI in the list. */
export interface FleetRow {
  namespace: string;
  name: string;
  phase: string;
  tone: Tone;
  /** Whether the status reflects the current spec. */
  upToDate: boolean;
  readyReplicas: number;
  replicas: number;
  /** The version that serves: the tag of its image. */
  version: string;
  /** blue or green, whichever serves; left out without blue-green releases. */
  activeEnvironment?: string;
  /** The release in progress. */
  release?: { environment: string; phase: ReleasePhase; version: string };
  /** What holds the requested version back; left out if nothing does. */
  held?: HeldVersion;
  troubles: ConditionView[];
  createdAt: string;
}

/** Summarizes a RestAPI by its own status. Pure. */
export function fleetRow(api: StoredObject<RestAPI>): FleetRow {
  const { metadata, spec, status = {} } = api;
  const { activeEnvironment, environments = [], release } = status;
  const active = environments.find(({ role }) => role === 'active');
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    phase: status.phase ?? 'New',
    tone: toneOf(status.phase),
    upToDate: status.observedGeneration !== undefined && status.observedGeneration === metadata.generation,
    readyReplicas: status.readyReplicas ?? 0,
    replicas: status.replicas ?? 0,
    version: versionOf(active?.image ?? spec?.image),
    ...(activeEnvironment && { activeEnvironment }),
    ...(release && {
      release: {
        environment: release.environment,
        phase: release.phase,
        version: releasedVersion(api, release),
      },
    }),
    ...heldVersion(api),
    troubles: conditionViews(api).filter(({ trouble }) => trouble),
    createdAt: metadata.creationTimestamp ?? '',
  };
}

function heldVersion(api: StoredObject<RestAPI>): { held?: HeldVersion } {
  const holds = releaseHolds(api);
  return holds.length > 0 ? { held: { version: versionOf(api.spec?.image), holds } } : {};
}

/** Returns all conditions of a RestAPI, in the order of its status. */
export function conditionViews({ status = {} }: StoredObject<RestAPI>): ConditionView[] {
  return (status.conditions ?? []).map((condition) => {
    const { type, status: is, reason, message, lastTransitionTime } = condition;
    return {
      type,
      status: is,
      reason,
      message,
      since: lastTransitionTime,
      trouble: isTrouble(condition, status.phase),
    };
  });
}
