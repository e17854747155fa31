import type { PastCollection } from './past-collection.ts';
import type { ProxiedRequest } from './proxied-request.ts';

/** What a rule does to a request. Counts of lines are lines of a watch's answer, each one event. */
export type Fault =
  /** Answer in the server's place. The body defaults to a fitting Status. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }
  /** Answer 200 with an HTML page, as a gateway does that requires a login. */
  | { kind: 'login-page' }
  /** Kill the connection; the server never sees the request. */
  | { kind: 'cut-before' }
  /** Let the server carry the request out, then kill the connection instead of answering. */
  | { kind: 'cut-after-commit' }
  /** Take the request and never answer; the server never sees it. */
  | { kind: 'black-hole' }
  /** Wait, then pass it through. */
  | { kind: 'delay'; ms: number }
  /** Pass on that many lines, then kill the connection. */
  | { kind: 'cut-after-lines'; lines: number }
  /** Pass on that many lines, then nothing more; the connection stays open. */
  | { kind: 'stall-after-lines'; lines: number }
  /** Pass on that many lines, then end the answer properly. */
  | { kind: 'end-after-lines'; lines: number }
  /** End the answer properly after a time, passing on what came until then unless `silent`. */
  | { kind: 'end-after-ms'; ms: number; silent?: boolean }
  /** Change, drop (null) or multiply (array) lines. A line is given and returned without its newline. */
  | { kind: 'rewrite-lines'; rewrite: (line: string, index: number) => string | string[] | null }
  /** Pass the answer on in chunks of that many bytes. */
  | { kind: 'chop'; bytes: number }
  /**
   * A half-open connection: status and headers arrive, then nothing more. Streams that are open when the rule is added stop as
   * well. A stopped stream stays so after the rule is removed, like a connection that a router has forgotten.
   */
  | { kind: 'half-open' }
  /**
   * A server that is behind: lists and streaming lists are answered from `past`, and watches are silent; both end when the
   * rule is removed. Streams that are open when the rule is added are cut. Other requests pass through.
   */
  | { kind: 'past'; past: PastCollection };

export interface FaultRule {
  match: (request: ProxiedRequest) => boolean;
  fault: Fault;
  /** How many requests it fires on; default: every one, until removed. */
  times?: number;
  /** Removes the rule after this many milliseconds. */
  forMs?: number;
}

/** A rule in force. */
export interface ActiveRule {
  /** How often it has fired. */
  readonly fired: number;
  remove(): void;
}

/** What has passed through the proxy. */
export interface ProxyCounters {
  /** Connections opened by clients since the start. */
  connections: number;
  /** Connections open now, and the most there were at once. */
  open: number;
  maxOpen: number;
  requests: number;
}

export interface FaultProxyOptions {
  /** Added to each request's User-Agent, so that the server's audit log distinguishes this proxy's clients. */
  userAgentSuffix?: string;
}
