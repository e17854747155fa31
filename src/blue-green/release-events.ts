import type { EventOf, EventTable } from '../../operator/events/event-table.ts';

/** The Events about blue-green releases. */
export const RELEASE_EVENTS = {
  RequestAccepted: {
    type: 'Normal',
    when: 'A request by an annotation (`promote`, `reject`, `retry`, `rollback-to`, `skip-checks`) took effect. It names the user where `components/release-author` is installed.',
  },
  ReleaseStarted: { type: 'Normal', when: 'The environment of a new revision is being prepared.' },
  Promoted: { type: 'Normal', when: 'Traffic was switched to a revision.' },
  Aborted: { type: 'Warning', when: 'A release was aborted because its revision was rejected.' },
  RolledBack: { type: 'Warning', when: 'The active revision was rejected and traffic went back to the previous one.' },
  Cancelled: { type: 'Normal', when: 'A release ended because another revision is requested now.' },
  ScaledDown: { type: 'Normal', when: 'An idle environment was scaled to 0.' },
  HookPassed: { type: 'Normal', when: 'The Job of a hook succeeded.' },
  HookFailed: { type: 'Warning', when: 'The Job of a hook failed. If it is the migration, its version is rejected.' },
  ChecksPassed: { type: 'Normal', when: 'All checks before or after promotion passed.' },
  ChecksSkipped: { type: 'Normal', when: 'The annotation `restapi.dev/skip-checks` skipped the checks of a revision.' },
  ChecksUnknown: { type: 'Warning', when: 'A check before or after promotion had no answer in time.' },
  ChecksFailed: { type: 'Warning', when: 'A check before or after promotion failed.' },
} as const satisfies EventTable;

export type ReleaseEvent = EventOf<typeof RELEASE_EVENTS>;
