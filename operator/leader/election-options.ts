import type { ServerHistory } from '../informer/server-history.ts';

/** Options of a leader election. */
export interface LeaderElectionOptions {
  /** Namespace and name of the Lease. */
  namespace: string;
  name: string;
  /**
   * Identity of this candidate, unique for each start of the process: the pod's name, `_`, and a random suffix. The fence of
   * kustomize/components/fencing compares the part before the `_` with the pod that sends a write.
   */
  identity: string;
  /** How long standbys wait for a leader that does not renew, seconds. Default 15. */
  leaseDurationSeconds?: number;
  /** A leader that could not renew for this long stops writing, milliseconds; less than the lease duration. Default 10,000. */
  renewDeadlineMs?: number;
  /** How often a leader renews, milliseconds. Default 2,000. */
  retryMs?: number;
  /** Notified when the Lease shows that the server's history went back. When others notify it, the Lease is read again. */
  history?: ServerHistory;
}

/** Called when leadership begins and ends. Neither may throw. */
export interface LeaderCallbacks {
  onStartedLeading: () => void;
  onStoppedLeading: () => void;
}

/** The options with their defaults filled in. */
export type ElectionSettings = Required<Omit<LeaderElectionOptions, 'history'>>;

/** The duration in milliseconds must fit a timer. */
const LONGEST_DURATION_SECONDS = 3_600;

/** Checks the options and fills in defaults. @throws Error that names the option and its valid values */
export function electionSettings(options: LeaderElectionOptions): ElectionSettings {
  const { namespace, name, identity, leaseDurationSeconds = 15, renewDeadlineMs = 10_000, retryMs = 2_000 } = options;
  for (const [option, value] of Object.entries({ namespace, name, identity })) {
    if (!value) throw new Error(`leader election: ${option} must not be empty`);
  }
  if (
    !Number.isInteger(leaseDurationSeconds) ||
    leaseDurationSeconds < 1 ||
    leaseDurationSeconds > LONGEST_DURATION_SECONDS
  ) {
    throw new Error(
      `leader election: leaseDurationSeconds must be an integer from 1 to ${LONGEST_DURATION_SECONDS}, got ${leaseDurationSeconds}`,
    );
  }
  // Written so that NaN fails as well.
  if (!(retryMs > 0 && retryMs < renewDeadlineMs && renewDeadlineMs < leaseDurationSeconds * 1000)) {
    throw new Error(
      `leader election: the retry period (${retryMs} ms) must be shorter than the renew deadline (${renewDeadlineMs} ms), ` +
        `which must be shorter than the lease duration (${leaseDurationSeconds} s)`,
    );
  }
  return { namespace, name, identity, leaseDurationSeconds, renewDeadlineMs, retryMs };
}
