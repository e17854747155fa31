import type { ConditionOf, ConditionTable } from '../../operator/reconcile/condition-table.ts';
import type { ReleasePhase } from '../../resources/api/release-status.ts';

const RELEASE_PHASES = {
  Queued:
    'The active revision is on trial, and the release would take the environment of the one before it; or as many releases are in progress as the operator makes at a time (`--max-releases`). It begins when the trial is over and a slot is free, or when a user promotes it.',
  Draining: 'The environment still runs the version before the active one. Its pods end before the new ones start.',
  Migrating: 'The Job of `spec.blueGreen.hooks.migrate` runs. The first pod starts when it has succeeded.',
  Preparing: 'The pods of the new environment are being created.',
  Checking: 'The checks before promotion are running.',
  Paused: '`spec.blueGreen.paused` holds the release.',
  WaitingForPromotion: 'The revision is ready and waits to be promoted.',
  Promoting: 'Traffic is being switched to the revision.',
  RollingBack: 'An earlier revision is being prepared to take the traffic again.',
} as const satisfies Record<ReleasePhase, string>;

/** Why a revision is rejected. */
export const REJECTIONS = {
  Rejected: 'A user rejected it, by the annotation `restapi.dev/reject`.',
  CheckFailed: 'A check before or after promotion failed.',
  MigrationFailed: 'The Job of `spec.blueGreen.hooks.migrate` failed.',
  ProgressDeadlineExceeded: 'The revision did not become ready within `spec.blueGreen.progressDeadlineSeconds`.',
  AutoRollback:
    'Fewer than half of the pods of a component were available within `spec.blueGreen.autoRollbackSeconds` after promotion.',
  HealingRollback: 'Healing rolled back because the pods of the revision did not recover.',
} as const;

export type RejectionReason = keyof typeof REJECTIONS;

/** The conditions about blue-green releases. */
export const RELEASE_CONDITIONS = {
  Progressing: {
    meaning: 'A release is in progress.',
    reasons: {
      ...RELEASE_PHASES,
      Stopped: 'False: the application is stopped. The release of the requested revision begins when it is started.',
      UpToDate: 'False: the requested revision is active.',
      Aborted: 'False: the requested revision was rejected.',
    },
  },
  Promoted: {
    meaning: 'The requested revision receives the traffic.',
    reasons: {
      Active: 'True: traffic goes to the requested revision.',
      ...RELEASE_PHASES,
      Stopped: 'False: the application is stopped. The release of the requested revision begins when it is started.',
      Aborted: 'False: the requested revision was rejected.',
    },
  },
  Paused: {
    meaning: 'Present while a release is paused.',
    reasons: { PausedBySpec: 'Set `spec.blueGreen.paused` to false to continue.' },
  },
  Aborted: { meaning: 'Present while the requested revision is rejected.', reasons: REJECTIONS },
  RolledBack: {
    meaning: 'Present while a rollback by the annotation `restapi.dev/rollback-to` is in effect.',
    reasons: {
      RollbackTo: 'True: the named revision is requested instead of that of the spec.',
      UnknownRevision: 'False: the named revision does not exist.',
      ConfigurationLost:
        'False: a copy of a ConfigMap that the named revision needs was deleted and cannot be made again.',
    },
  },
  ConfigurationLost: {
    meaning:
      'Present while copies of ConfigMaps are missing that the active revision, the one before it or the one being released needs. Pods that run are not affected.',
    reasons: {
      CopyDeleted:
        'A copy was deleted, and the ConfigMap has another content by now. The message names both, the revision and the remedy.',
    },
  },
} as const satisfies ConditionTable;

export type ReleaseCondition = ConditionOf<typeof RELEASE_CONDITIONS>;
