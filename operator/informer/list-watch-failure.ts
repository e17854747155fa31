import type { Effect, Listing, Machine, Outcome, StepContext, Waiting } from './list-watch-state.ts';
import { listing, log, type Transition, waiting, withGap } from './list-watch-transition.ts';
import { nextPauseMs } from './reconnect-backoff.ts';

/** Longest Retry-After that is honoured, milliseconds: an informer must not stay blind for longer. */
export const LONGEST_RETRY_AFTER_MS = 60_000;

/** A request or stream failed. */
export function failed(
  machine: Machine,
  { recovery, requestedMs }: Extract<Outcome, { type: 'failed' }>,
  context: StepContext,
): Transition {
  const then = afterFailure(machine, recovery);
  const { state } = machine;
  const openedMs = state.name === 'Listing' || state.name === 'Watching' ? state.openedMs : undefined;
  const livedMs = openedMs === undefined ? 0 : context.nowMs - openedMs;
  const [after, backoffMs] = countFailure(machine, livedMs, recovery.expected, context);
  const pauseMs = Math.max(backoffMs, Math.min(requestedMs, LONGEST_RETRY_AFTER_MS));
  const relist = then.name === 'Listing' || then.name === 'ListingByPages';
  const repeated = recovery.expected || machine.loggedFailures.includes(recovery.kind);
  const { sinceMs = context.nowMs } = machine.trouble ?? {};
  return {
    machine: {
      ...withGap(after, recovery.message, recovery.kind, relist, context),
      state: waiting(pauseMs, then),
      loggedFailures: repeated ? machine.loggedFailures : [...machine.loggedFailures, recovery.kind],
      trouble: recovery.expected ? machine.trouble : { sinceMs, reason: recovery.message },
    },
    effects: [
      log(repeated ? 'debug' : 'warn', 'Watch interrupted, retrying', context, {
        reason: recovery.message,
        retryInMs: Math.round(pauseMs),
        relist,
      }),
    ],
  };
}

/** The streaming list did not work. */
export function unlistable(
  machine: Machine,
  state: Listing,
  { reason, refused }: { reason: string; refused: boolean },
  context: StepContext,
): Transition {
  return {
    machine: {
      ...withGap(machine, reason, 'no streaming list', true, context),
      streamingLists: machine.streamingLists && !refused,
      // No pause: if nothing works, the paged list fails too, and pauses.
      state: { name: 'ListingByPages', after: state.after },
    },
    effects: [log('debug', 'Streaming list failed, listing page by page', context, { reason })],
  };
}

/** The kind is not served. A collection is not found only for that reason: a missing namespace is an empty collection. */
export function notServed(machine: Machine, context: StepContext): Transition {
  const { unservedRetryMs } = context.timings;
  const effects: Effect[] = [];
  if (machine.unservedIn === undefined) {
    effects.push(log('info', 'Resource is not served (CRD not installed)', context, { retryEveryMs: unservedRetryMs }));
  }
  if (machine.unservedIn !== machine.epoch) effects.push({ type: 'unserved' });
  return {
    machine: {
      ...withGap(machine, 'the server no longer serves this kind', 'not served', true, context),
      // Once the CRD is installed again, the old version means nothing.
      state: { name: 'Unserved', pauseMs: unservedRetryMs * (0.8 + context.random * 0.4) },
      unservedIn: machine.epoch,
      loggedFailures: [],
      trouble: undefined,
      failures: 0,
    },
    effects,
  };
}

/** Counts a failure. @returns the machine and the pause, milliseconds */
export function countFailure(
  machine: Machine,
  livedMs: number,
  expected: boolean,
  { random, timings }: StepContext,
): [machine: Machine, pauseMs: number] {
  const failures = (livedMs >= timings.healthyAfterMs ? 0 : machine.failures) + 1;
  return [{ ...machine, failures }, nextPauseMs(failures, expected, timings.backoffMs, random)];
}

function afterFailure(machine: Machine, recovery: Extract<Outcome, { type: 'failed' }>['recovery']): Waiting['then'] {
  const { state } = machine;
  switch (state.name) {
    case 'Listing':
      // The list had begun and broke off. Another streaming list may break off as well, pages will not.
      if (state.openedMs !== undefined && recovery.status === undefined)
        return { name: 'ListingByPages', after: state.after };
      return listing(machine, state.after);
    case 'ListingByPages':
      return state;
    case 'Checking':
      // A server that refuses the check may still allow the list.
      if (recovery.action === 'relist' || recovery.status === 403) return listing(machine, state.from);
      return { ...state, sure: false };
    case 'Watching':
      if (recovery.action === 'relist') return listing(machine, state.from);
      return { name: 'Checking', from: state.from, sure: false };
    case 'Waiting':
      return state.then;
    case 'Unserved':
      return listing(machine, undefined);
  }
}
