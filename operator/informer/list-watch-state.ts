import type { InformerTimings } from './informer-timings.ts';
import type { Reconnection } from './reconnection.ts';
import type { Recovery } from './watch-failure.ts';

/** Lists by a streaming list (WatchList), whose stream becomes the watch. */
export interface Listing {
  name: 'Listing';
  /** The last version seen in this history: an older list proves that the history has changed. */
  after: string | undefined;
  /** When the server accepted the request; undefined before. */
  openedMs: number | undefined;
}

/** Lists page by page, because the streaming list did not work. */
export interface ListingByPages {
  name: 'ListingByPages';
  after: string | undefined;
}

/** Checks, before the watch continues, whether the server still has the history that `from` belongs to. */
export interface Checking {
  name: 'Checking';
  from: string;
  /** As of Watching. */
  sure: boolean;
}

/** Follows the collection. */
export interface Watching {
  name: 'Watching';
  /** Everything up to this version has been delivered. */
  from: string;
  /** No failure since the list: `from` is known to belong to the current history of the server. */
  sure: boolean;
  /** When the server accepted the watch; undefined before. */
  openedMs: number | undefined;
  /** Whether this watch has delivered a change or a bookmark. */
  heard: boolean;
}

/** Pauses after a failure. */
export interface Waiting {
  name: 'Waiting';
  /** Milliseconds. */
  pauseMs: number;
  then: Listing | ListingByPages | Checking | Watching;
}

/** Pauses until the next check whether the server serves the kind. */
export interface Unserved {
  name: 'Unserved';
  /** Milliseconds. */
  pauseMs: number;
}

/** What a list-watch is doing. There is no final state: each leads back to a list or a watch. */
export type State = Listing | ListingByPages | Checking | Watching | Waiting | Unserved;

/** A state, and what a list-watch remembers from one state to the next. */
export interface Machine {
  state: State;
  /** The history that every version in `state` belongs to, see ServerHistory. */
  epoch: number;
  /** False once the server has refused streaming lists. */
  streamingLists: boolean;
  /** Consecutive failures, for the backoff. */
  failures: number;
  /** Kinds of failure logged since the watch last worked. */
  loggedFailures: readonly string[];
  /** The current problem and when it began (`nowMs`); undefined while the watch works. */
  trouble: { sinceMs: number; reason: string } | undefined;
  /** When the last watch ended and why; undefined while one is open and before the first. */
  gap: { sinceMs: number; reason: string; cause: string; relisted: boolean } | undefined;
  everOpened: boolean;
  /** The epoch in which the reader was informed that the server does not serve the kind; undefined while it is served. */
  unservedIn: number | undefined;
}

/** The result of what a state does, or something that happened to it. */
export type Outcome =
  /** The whole collection was read. `rewound`: evidence that it belongs to another history than what was seen before. */
  | { type: 'listed'; version: string; rewound?: string | undefined }
  /** The server accepted a watch or a streaming list. */
  | { type: 'opened' }
  /** A change or a bookmark arrived. */
  | { type: 'moved'; version: string }
  /** The server ended the stream properly. */
  | { type: 'ended' }
  | Checked
  /** A request or stream failed. `requestedMs`: the server's Retry-After, milliseconds. */
  | { type: 'failed'; recovery: Recovery; requestedMs: number }
  /** The streaming list did not work. `refused`: it never will. */
  | { type: 'unlistable'; reason: string; refused: boolean }
  /** The server does not serve the kind, which is optional. */
  | { type: 'not served' }
  /** The pause is over. */
  | { type: 'waited' }
  /** Another informer has found that the history of the server changed. */
  | { type: 'replaced'; epoch: number }
  /** The cache was found to lag behind the server. */
  | { type: 'abandoned'; reason: string };

/** The result of a history check. `unknown`: the server no longer has the state to compare with. */
export type Checked =
  | { type: 'checked'; history: 'same' | 'unknown' }
  | { type: 'checked'; history: 'other'; reason: string };

/** A side effect that a step requests. */
export type Effect =
  /** Report that the history of the machine's epoch is over. */
  | { type: 'report'; reason: string }
  | { type: 'log'; level: 'debug' | 'info' | 'warn'; message: string; fields: Record<string, unknown> }
  | { type: 'reconnected'; reconnection: Reconnection }
  /** Inform the reader that the server does not serve the kind. */
  | { type: 'unserved' };

/** What a step depends on besides the machine and the outcome. */
export interface StepContext {
  /** A monotonic clock, milliseconds. */
  nowMs: number;
  /** A number from 0 to 1 for jitter. */
  random: number;
  timings: Pick<InformerTimings, 'backoffMs' | 'healthyAfterMs' | 'unservedRetryMs'>;
  /** The collection, for log lines: `restapis.restapi.dev in namespace x`. */
  what: string;
}

/** Returns the machine of a list-watch that has not started. */
export function initialMachine(epoch: number): Machine {
  return {
    state: { name: 'Listing', after: undefined, openedMs: undefined },
    epoch,
    streamingLists: true,
    failures: 0,
    loggedFailures: [],
    trouble: undefined,
    gap: undefined,
    everOpened: false,
    unservedIn: undefined,
  };
}
