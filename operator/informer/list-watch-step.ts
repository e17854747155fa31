import { countFailure, failed, notServed, unlistable } from './list-watch-failure.ts';
import type {
  Checked,
  Checking,
  Effect,
  Listing,
  ListingByPages,
  Machine,
  Outcome,
  StepContext,
  Watching,
} from './list-watch-state.ts';
import { isOlder, listing, log, type Transition, to, waiting, withGap } from './list-watch-transition.ts';

/**
 * Computes one step of a list-watch. Pure: neither reads a clock nor does I/O.
 *
 * Guarantees, for any outcomes in any order:
 * - a version of one history is never watched or checked from in another;
 * - no state is final, and each failure is followed by a pause (except the first of an expected kind) of bounded length;
 * - a kind of failure is logged above debug level once, until a watch is open again.
 *
 * An outcome that does not fit the state, such as a late answer, changes nothing.
 */
export function next(machine: Machine, outcome: Outcome, context: StepContext): Transition {
  const { state } = machine;
  switch (outcome.type) {
    case 'replaced':
      return to(replaced(machine, outcome.epoch, context));
    case 'waited':
      if (state.name === 'Waiting') return to({ ...machine, state: state.then });
      if (state.name === 'Unserved') return to({ ...machine, state: listing(machine, undefined) });
      return to(machine);
    case 'opened':
      if (state.name === 'Listing') return to({ ...machine, state: { ...state, openedMs: context.nowMs } });
      if (state.name === 'Watching') return opened(machine, state, context);
      return to(machine);
    case 'listed':
      if (state.name === 'Listing' || state.name === 'ListingByPages') return listed(machine, state, outcome, context);
      return to(machine);
    case 'moved':
      return state.name === 'Watching' ? moved(machine, state, outcome.version, context) : to(machine);
    case 'checked':
      return state.name === 'Checking' ? checked(machine, state, outcome, context) : to(machine);
    case 'abandoned':
      if (state.name === 'Unserved') return to({ ...machine, state: listing(machine, undefined) });
      if (state.name !== 'Watching') return to(machine);
      return {
        machine: {
          ...withGap(machine, outcome.reason, 'stale', false, context),
          state: { ...state, openedMs: undefined, heard: false },
        },
        effects: [log('warn', 'Watch is behind the server, reopening it', context, { reason: outcome.reason })],
      };
    case 'unlistable':
      return state.name === 'Listing' ? unlistable(machine, state, outcome, context) : to(machine);
    case 'ended':
      if (state.name === 'Watching') return to(ended(machine, state, context));
      if (state.name === 'Listing') {
        const reason = 'the server ended the streaming list before all initial events were sent';
        return unlistable(machine, state, { reason, refused: false }, context);
      }
      return to(machine);
    case 'not served':
      return notServed(machine, context);
    case 'failed':
      return failed(machine, outcome, context);
  }
}

/** Everything known belongs to a history that is over. */
function replaced(machine: Machine, epoch: number, context: StepContext): Machine {
  return {
    ...withGap(machine, 'the API server history changed', 'history', true, context),
    epoch,
    state: listing(machine, undefined),
  };
}

/** This list-watch is the first to notice that the history changed. */
function rewound(machine: Machine, reason: string, context: StepContext): Transition {
  const after = withGap(machine, reason, 'history', true, context);
  return {
    machine: { ...after, state: listing(machine, undefined) },
    effects: [
      log('warn', 'API server history changed (etcd restored from a backup?), relisting', context, { reason }),
      { type: 'report', reason },
    ],
  };
}

function listed(
  machine: Machine,
  state: Listing | ListingByPages,
  { version, rewound: why }: { version: string; rewound?: string | undefined },
  context: StepContext,
): Transition {
  if (why !== undefined) return rewound(machine, why, context);
  if (isOlder(version, state.after)) {
    return rewound(machine, `the list went back from resourceVersion ${state.after} to ${version}`, context);
  }
  const openedMs = state.name === 'Listing' ? (state.openedMs ?? context.nowMs) : undefined;
  const watching: Watching = { name: 'Watching', from: version, sure: true, openedMs: undefined, heard: false };
  const effects: Effect[] = [];
  if (machine.unservedIn !== undefined) effects.push(log('info', 'Resource is now served', context));
  const after = { ...machine, state: watching, unservedIn: undefined };
  // The stream of a streaming list is an open watch from here on.
  if (openedMs === undefined) return { machine: after, effects };
  const open = opened(after, watching, context);
  return {
    machine: { ...open.machine, state: { ...watching, openedMs } },
    effects: [...effects, ...open.effects],
  };
}

function opened(machine: Machine, state: Watching, context: StepContext): Transition {
  const { gap, loggedFailures } = machine;
  const effects: Effect[] = [];
  if (loggedFailures.length > 0) effects.push(log('info', 'Watch restored', context));
  if (gap !== undefined) {
    const { sinceMs, reason, cause, relisted } = gap;
    effects.push({
      type: 'reconnected',
      reconnection: { reason, cause, relisted, gapMs: context.nowMs - sinceMs },
    });
  }
  return {
    machine: {
      ...machine,
      state: { ...state, openedMs: context.nowMs, heard: false },
      loggedFailures: [],
      trouble: undefined,
      gap: undefined,
      everOpened: true,
    },
    effects,
  };
}

function moved(machine: Machine, state: Watching, version: string, context: StepContext): Transition {
  if (isOlder(version, state.from)) {
    return rewound(machine, `the watch went back from resourceVersion ${state.from} to ${version}`, context);
  }
  return to({ ...machine, state: { ...state, from: version === '' ? state.from : version, heard: true } });
}

function checked(machine: Machine, state: Checking, outcome: Checked, context: StepContext): Transition {
  switch (outcome.history) {
    case 'other':
      return rewound(machine, outcome.reason, context);
    case 'unknown': {
      const reason = 'the server no longer has the state to compare its history with';
      return to({
        ...withGap(machine, reason, 'history unknown', true, context),
        state: listing(machine, state.from),
      });
    }
    case 'same':
      return to({
        ...machine,
        state: { name: 'Watching', from: state.from, sure: state.sure, openedMs: undefined, heard: false },
      });
  }
}

/** The server ended the watch properly, usually at its timeout. */
function ended(machine: Machine, state: Watching, context: StepContext): Machine {
  const { backoffMs } = context.timings;
  const livedMs = context.nowMs - (state.openedMs ?? context.nowMs);
  const again: Watching = { ...state, openedMs: undefined, heard: false };
  if (state.heard) {
    const after = { ...withGap(machine, 'the server ended the watch', 'ended', false, context), failures: 0 };
    // A server that sends one event and ends the watch must not be asked in a busy loop.
    return { ...after, state: waiting(Math.max(0, backoffMs[0] - livedMs), again) };
  }
  // Silence is normal where nothing happened: kube-apiserver sends a bookmark only when there is a newer version. But a watch
  // from a version of the future (etcd restored from a backup) looks the same. Without a failure since the list, `from` belongs
  // to this history and checking the server's version is enough; otherwise list again.
  const silent = withGap(machine, 'the watch ended without an event or a bookmark', 'silent', !state.sure, context);
  const [after, pauseMs] = countFailure(silent, livedMs, true, context);
  const then: Checking | Listing | ListingByPages = state.sure
    ? { name: 'Checking', from: state.from, sure: true }
    : listing(machine, state.from);
  return { ...after, state: waiting(pauseMs, then) };
}
