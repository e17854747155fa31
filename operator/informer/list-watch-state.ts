import type { InformerTimings } from './informer-timings.ts';
import type { Reconnection } from './list-watch.ts';
import { nextPauseMs } from './reconnect-backoff.ts';
import { compareResourceVersions } from './resource-version.ts';
import type { Recovery } from './watch-failure.ts';

/** Lists by a streaming list (WatchList), whose stream becomes the watch. */
interface Listing {
  name: 'Listing';
  /** The last version seen in this history: a list that is older shows that the history is another one. */
  after: string | undefined;
  /** When the server accepted the request; undefined before. */
  openedMs: number | undefined;
}

/** Lists page by page, because the streaming list did not work. */
interface ListingByPages {
  name: 'ListingByPages';
  after: string | undefined;
}

/** Asks, before the watch goes on, whether the server still has the history that `from` belongs to. */
interface Checking {
  name: 'Checking';
  from: string;
  /** As of Watching. */
  sure: boolean;
}

/** Follows the collection. */
interface Watching {
  name: 'Watching';
  /** Everything up to this version has been told. */
  from: string;
  /** No failure since the list: `from` is known to be of the history the server has now. */
  sure: boolean;
  /** When the server accepted the watch; undefined before. */
  openedMs: number | undefined;
  /** Whether this watch has shown, by a change or a bookmark, that it follows the collection. */
  heard: boolean;
}

/** Pauses after a failure. */
interface Waiting {
  name: 'Waiting';
  /** Milliseconds. */
  pauseMs: number;
  then: Listing | ListingByPages | Checking | Watching;
}

/** Pauses until it is time to ask again whether the server serves the kind. */
interface Unserved {
  name: 'Unserved';
  /** Milliseconds. */
  pauseMs: number;
}

/** What a list-watch does now. There is no final state: each leads back to a list or a watch. */
export type State = Listing | ListingByPages | Checking | Watching | Waiting | Unserved;

/** A state with what a list-watch remembers from one state to the next. */
export interface Machine {
  state: State;
  /** The history that every version in `state` belongs to, see ServerHistory. */
  epoch: number;
  /** False once the server has refused streaming lists. */
  streamingLists: boolean;
  /** Failures in a row, for the backoff. */
  failures: number;
  /** Kinds of failure logged since it last worked. */
  complaints: readonly string[];
  /** What is wrong now and since when (`nowMs`); undefined while it works. */
  trouble: { sinceMs: number; reason: string } | undefined;
  /** When the last watch ended and why; undefined while one is open and before the first. */
  gap: { sinceMs: number; reason: string; cause: string; relisted: boolean } | undefined;
  everOpened: boolean;
  /** The epoch in which the subscriber was told that the server does not serve the kind; undefined: it does. */
  unservedIn: number | undefined;
}

/** What came of what a state does, or happened to it. */
export type Outcome =
  /** The whole collection was read. `rewound`: why it is of another history than what was seen before. */
  | { type: 'listed'; version: string; rewound?: string | undefined }
  /** The server accepted a watch or a streaming list. */
  | { type: 'opened' }
  /** A change or a bookmark arrived. */
  | { type: 'moved'; version: string }
  /** The server ended the stream properly. */
  | { type: 'ended' }
  /** The check was answered. `unknown`: the server cannot tell any more. */
  | { type: 'checked'; history: 'same' | 'unknown' }
  | { type: 'checked'; history: 'other'; reason: string }
  /** A request or stream failed. `askedMs`: how long the server asks to wait (Retry-After), milliseconds. */
  | { type: 'failed'; recovery: Recovery; askedMs: number }
  /** The streaming list did not work. `refused`: it never will. */
  | { type: 'unlistable'; reason: string; refused: boolean }
  /** The server does not serve the kind, which may be missing. */
  | { type: 'not served' }
  /** The pause is over. */
  | { type: 'waited' }
  /** Another history has begun; somebody noticed. */
  | { type: 'replaced'; epoch: number }
  /** The cache was found to lag behind the server. */
  | { type: 'abandoned'; reason: string };

/** What a step wants done besides going to the next state. */
export type Effect =
  /** Report that the history of the machine's epoch is over. */
  | { type: 'report'; reason: string }
  | { type: 'log'; level: 'debug' | 'info' | 'warn'; message: string; fields: Record<string, unknown> }
  | { type: 'reconnected'; reconnection: Reconnection }
  /** Tell the subscriber that the server does not serve the kind. */
  | { type: 'unserved' };

/** What a step depends on besides the machine and the outcome. */
export interface Surroundings {
  /** A monotonic clock, milliseconds. */
  nowMs: number;
  /** A number from 0 to 1 for jitter. */
  random: number;
  timings: Pick<InformerTimings, 'backoffMs' | 'healthyAfterMs' | 'unservedRetryMs'>;
  /** The collection, for log lines: `restapis.restapi.dev in namespace x`. */
  what: string;
}

/** The machine of a list-watch that has not begun. */
export function initialMachine(epoch: number): Machine {
  return {
    state: { name: 'Listing', after: undefined, openedMs: undefined },
    epoch,
    streamingLists: true,
    failures: 0,
    complaints: [],
    trouble: undefined,
    gap: undefined,
    everOpened: false,
    unservedIn: undefined,
  };
}

/**
 * One step of a list-watch. Pure: neither reads a clock nor does I/O.
 *
 * Guarantees, whatever outcomes come in whatever order:
 * - a version of one history is never watched or checked from in another;
 * - no state is final, and each failure is followed by a pause (except the first of an expected kind) of bounded length;
 * - a kind of failure is logged above debug level once, until a watch is open again.
 *
 * An outcome that does not fit the state, such as a late answer, changes nothing.
 */
export function next(
  machine: Machine,
  outcome: Outcome,
  around: Surroundings,
): { machine: Machine; effects: Effect[] } {
  const { state } = machine;
  switch (outcome.type) {
    case 'replaced':
      return { machine: replaced(machine, outcome.epoch, around), effects: [] };
    case 'waited':
      if (state.name === 'Waiting') return stay({ ...machine, state: state.then });
      if (state.name === 'Unserved') return stay({ ...machine, state: listing(machine, undefined) });
      return stay(machine);
    case 'opened':
      if (state.name === 'Listing') return stay({ ...machine, state: { ...state, openedMs: around.nowMs } });
      if (state.name === 'Watching') return opened(machine, state, around);
      return stay(machine);
    case 'listed':
      if (state.name === 'Listing' || state.name === 'ListingByPages') return listed(machine, state, outcome, around);
      return stay(machine);
    case 'moved':
      return state.name === 'Watching' ? moved(machine, state, outcome.version, around) : stay(machine);
    case 'checked':
      return state.name === 'Checking' ? checked(machine, state, outcome, around) : stay(machine);
    case 'abandoned':
      if (state.name === 'Unserved') return stay({ ...machine, state: listing(machine, undefined) });
      if (state.name !== 'Watching') return stay(machine);
      return {
        machine: {
          ...withGap(machine, outcome.reason, 'stale', false, around),
          state: { ...state, openedMs: undefined, heard: false },
        },
        effects: [log('warn', 'Watch is behind the server, reopening it', around, { reason: outcome.reason })],
      };
    case 'unlistable':
      return state.name === 'Listing' ? unlistable(machine, state, outcome, around) : stay(machine);
    case 'ended':
      if (state.name === 'Watching') return stay(ended(machine, state, around));
      if (state.name === 'Listing') {
        const reason = 'the server ended the streaming list before all initial events were sent';
        return unlistable(machine, state, { reason, refused: false }, around);
      }
      return stay(machine);
    case 'not served':
      return notServed(machine, around);
    case 'failed':
      return failed(machine, outcome, around);
  }
}

type LogEffect = Extract<Effect, { type: 'log' }>;

function log(
  level: LogEffect['level'],
  message: string,
  { what }: Surroundings,
  fields: Record<string, unknown> = {},
): LogEffect {
  return { type: 'log', level, message, fields: { resource: what, ...fields } };
}

function stay(machine: Machine): { machine: Machine; effects: Effect[] } {
  return { machine, effects: [] };
}

function listing({ streamingLists }: Machine, after: string | undefined): Listing | ListingByPages {
  return streamingLists ? { name: 'Listing', after, openedMs: undefined } : { name: 'ListingByPages', after };
}

/** Everything known belongs to a history that is over. */
function replaced(machine: Machine, epoch: number, around: Surroundings): Machine {
  return {
    ...withGap(machine, 'the API server history changed', 'history', true, around),
    epoch,
    state: listing(machine, undefined),
  };
}

/** This list-watch is the one that noticed. */
function rewound(machine: Machine, reason: string, around: Surroundings): { machine: Machine; effects: Effect[] } {
  const after = withGap(machine, reason, 'history', true, around);
  return {
    machine: { ...after, state: listing(machine, undefined) },
    effects: [
      log('warn', 'API server history changed (etcd restored from a backup?), relisting', around, { reason }),
      { type: 'report', reason },
    ],
  };
}

function listed(
  machine: Machine,
  state: Listing | ListingByPages,
  { version, rewound: why }: { version: string; rewound?: string | undefined },
  around: Surroundings,
): { machine: Machine; effects: Effect[] } {
  if (why !== undefined) return rewound(machine, why, around);
  if (isOlder(version, state.after)) {
    return rewound(machine, `the list went back from resourceVersion ${state.after} to ${version}`, around);
  }
  const openedMs = state.name === 'Listing' ? (state.openedMs ?? around.nowMs) : undefined;
  const watching: Watching = { name: 'Watching', from: version, sure: true, openedMs: undefined, heard: false };
  const effects: Effect[] = [];
  if (machine.unservedIn !== undefined) {
    effects.push(log('info', 'Resource is now served', around));
  }
  const after = { ...machine, state: watching, unservedIn: undefined };
  // The stream of a streaming list is an open watch from here on.
  if (openedMs === undefined) return { machine: after, effects };
  const open = opened(after, watching, around);
  return {
    machine: { ...open.machine, state: { ...watching, openedMs } },
    effects: [...effects, ...open.effects],
  };
}

function opened(machine: Machine, state: Watching, around: Surroundings): { machine: Machine; effects: Effect[] } {
  const { gap, complaints } = machine;
  const effects: Effect[] = [];
  if (complaints.length > 0) {
    effects.push(log('info', 'Watch restored', around));
  }
  if (gap !== undefined) {
    const { sinceMs, reason, cause, relisted } = gap;
    effects.push({
      type: 'reconnected',
      reconnection: { reason, cause, relisted, gapMs: around.nowMs - sinceMs },
    });
  }
  return {
    machine: {
      ...machine,
      state: { ...state, openedMs: around.nowMs, heard: false },
      complaints: [],
      trouble: undefined,
      gap: undefined,
      everOpened: true,
    },
    effects,
  };
}

function moved(
  machine: Machine,
  state: Watching,
  version: string,
  around: Surroundings,
): { machine: Machine; effects: Effect[] } {
  if (isOlder(version, state.from)) {
    return rewound(machine, `the watch went back from resourceVersion ${state.from} to ${version}`, around);
  }
  return stay({ ...machine, state: { ...state, from: version === '' ? state.from : version, heard: true } });
}

function checked(
  machine: Machine,
  state: Checking,
  outcome: Extract<Outcome, { type: 'checked' }>,
  around: Surroundings,
): { machine: Machine; effects: Effect[] } {
  switch (outcome.history) {
    case 'other':
      return rewound(machine, outcome.reason, around);
    case 'unknown':
      return stay({
        ...withGap(
          machine,
          'the server no longer has the state to compare its history with',
          'history unknown',
          true,
          around,
        ),
        state: listing(machine, state.from),
      });
    case 'same':
      return stay({
        ...machine,
        state: { name: 'Watching', from: state.from, sure: state.sure, openedMs: undefined, heard: false },
      });
  }
}

/** The server ended the watch properly: mostly its timeout. */
function ended(machine: Machine, state: Watching, around: Surroundings): Machine {
  const { backoffMs } = around.timings;
  const livedMs = around.nowMs - (state.openedMs ?? around.nowMs);
  const again: Watching = { ...state, openedMs: undefined, heard: false };
  if (state.heard) {
    const after = { ...withGap(machine, 'the server ended the watch', 'ended', false, around), failures: 0 };
    // A server that says a word and ends the watch at once must not be asked in a busy loop.
    return { ...after, state: waiting(Math.max(0, backoffMs[0] - livedMs), again) };
  }
  // Silence is normal where nothing at all happened: kube-apiserver sends a bookmark only when there is a newer version to tell.
  // But a watch from a version of the future (etcd restored from a backup) looks just so. While no failure has come between,
  // the list this version stems from is of this history, and a look at the server's version is enough; else list again.
  const silent = withGap(machine, 'the watch ended without an event or a bookmark', 'silent', !state.sure, around);
  const [after, pauseMs] = counted(silent, livedMs, true, around);
  const then: Checking | Listing | ListingByPages = state.sure
    ? { name: 'Checking', from: state.from, sure: true }
    : listing(machine, state.from);
  return { ...after, state: waiting(pauseMs, then) };
}

function unlistable(
  machine: Machine,
  state: Listing,
  { reason, refused }: { reason: string; refused: boolean },
  around: Surroundings,
): { machine: Machine; effects: Effect[] } {
  return {
    machine: {
      ...withGap(machine, reason, 'no streaming list', true, around),
      streamingLists: machine.streamingLists && !refused,
      // No pause: the paged list fails by itself, with one, if nothing works.
      state: { name: 'ListingByPages', after: state.after },
    },
    effects: [log('debug', 'Streaming list failed, listing page by page', around, { reason })],
  };
}

/** A collection is not found only if its kind is not served: a namespace that is missing is an empty one. */
function notServed(machine: Machine, around: Surroundings): { machine: Machine; effects: Effect[] } {
  const { unservedRetryMs } = around.timings;
  const effects: Effect[] = [];
  if (machine.unservedIn === undefined) {
    effects.push(log('info', 'Resource is not served (CRD not installed)', around, { retryEveryMs: unservedRetryMs }));
  }
  if (machine.unservedIn !== machine.epoch) effects.push({ type: 'unserved' });
  return {
    machine: {
      ...withGap(machine, 'the server no longer serves this kind', 'not served', true, around),
      // After a CRD came back, the old version means nothing.
      state: { name: 'Unserved', pauseMs: unservedRetryMs * (0.8 + around.random * 0.4) },
      unservedIn: machine.epoch,
      complaints: [],
      trouble: undefined,
      failures: 0,
    },
    effects,
  };
}

function failed(
  machine: Machine,
  { recovery, askedMs }: { recovery: Recovery; askedMs: number },
  around: Surroundings,
): { machine: Machine; effects: Effect[] } {
  const then = afterFailure(machine, recovery);
  const { state } = machine;
  const openedMs = state.name === 'Listing' || state.name === 'Watching' ? state.openedMs : undefined;
  const livedMs = openedMs === undefined ? 0 : around.nowMs - openedMs;
  const [after, backoffMs] = counted(machine, livedMs, recovery.expected, around);
  const pauseMs = Math.max(backoffMs, Math.min(askedMs, LONGEST_RETRY_AFTER_MS));
  const relist = then.name === 'Listing' || then.name === 'ListingByPages';
  const repeated = recovery.expected || machine.complaints.includes(recovery.kind);
  const { sinceMs = around.nowMs } = machine.trouble ?? {};
  return {
    machine: {
      ...withGap(after, recovery.message, recovery.kind, relist, around),
      state: waiting(pauseMs, then),
      complaints: repeated ? machine.complaints : [...machine.complaints, recovery.kind],
      trouble: recovery.expected ? machine.trouble : { sinceMs, reason: recovery.message },
    },
    effects: [
      log(repeated ? 'debug' : 'warn', 'Watch interrupted, retrying', around, {
        reason: recovery.message,
        retryInMs: Math.round(pauseMs),
        relist,
      }),
    ],
  };
}

/** A server may ask for patience (Retry-After), but not for an eternity of blindness, milliseconds. */
export const LONGEST_RETRY_AFTER_MS = 60_000;

function afterFailure(machine: Machine, recovery: Recovery): Waiting['then'] {
  const { state } = machine;
  switch (state.name) {
    case 'Listing':
      // It was going to be a list and broke off: another try might come to the same, pages will not.
      if (state.openedMs !== undefined && recovery.status === undefined)
        return { name: 'ListingByPages', after: state.after };
      return listing(machine, state.after);
    case 'ListingByPages':
      return state;
    case 'Checking':
      // Whatever the server has against the check, it need not have against the list.
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

/** Counts a failure. @returns the machine and the pause, milliseconds */
function counted(
  machine: Machine,
  livedMs: number,
  expected: boolean,
  { random, timings }: Surroundings,
): [machine: Machine, pauseMs: number] {
  const failures = (livedMs >= timings.healthyAfterMs ? 0 : machine.failures) + 1;
  return [{ ...machine, failures }, nextPauseMs(failures, expected, timings.backoffMs, random)];
}

function waiting(pauseMs: number, then: Waiting['then']): State {
  return pauseMs > 0 ? { name: 'Waiting', pauseMs, then } : then;
}

/** Remembers why the watch ended: the first reason counts. */
function withGap(machine: Machine, reason: string, cause: string, relisted: boolean, { nowMs }: Surroundings): Machine {
  if (!machine.everOpened) return machine;
  const gap = machine.gap ?? { sinceMs: nowMs, reason, cause, relisted };
  return { ...machine, gap: { ...gap, relisted: gap.relisted || relisted } };
}

function isOlder(version: string, than: string | undefined): boolean {
  if (than === undefined) return false;
  const compared = compareResourceVersions(version, than);
  return compared !== undefined && compared < 0;
}
