import type { EventOf, EventTable } from '../events/event-table.ts';

/** The Events that the framework writes about a primary resource of any operator. */
export const FRAMEWORK_EVENTS = {
  Repaired: {
    type: 'Normal',
    when: 'Another client changed a generated object, and the operator reverted the change. The note names the object and up to five fields.',
  },
  Contended: {
    type: 'Warning, Normal',
    when: 'Warning: another client changes a generated object again after every revert; the operator reverts with growing delays. Normal: it has stopped.',
  },
  ReconcileFailed: {
    type: 'Warning',
    when: 'Reconciling the resource failed several times in a row. The operator retries.',
  },
  HandlerTimeout: {
    type: 'Warning',
    when: 'A handler did not return before its deadline. The resource is blocked until it does.',
  },
} as const satisfies EventTable;

export type FrameworkEvent = EventOf<typeof FRAMEWORK_EVENTS>;
