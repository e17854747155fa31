import { KeptConnections, NewConnections } from './http1-connections.ts';
import { Http2Sessions } from './http2-sessions.ts';
import { LaneAccount } from './lane-account.ts';
import type { LaneReport } from './load-report.ts';
import type { Cancel, Connections, LoadRequest, Settle } from './outcome.ts';

/** What a lane sends, how, and how often. */
export interface LaneOptions {
  name: string;
  connections: 'new' | 'kept' | 'h2c';
  /** How many kept connections or sessions. */
  count: number;
  request: LoadRequest;
  /** Requests per second. */
  rate: number;
}

/**
 * Which requests are sent again, once: none, those that the server refused without processing them (HTTP/2 clients do that by
 * themselves: RFC 9113, 8.7), or all that real clients would send again.
 */
export type RetryMode = (typeof RETRY_MODES)[number];
export const RETRY_MODES = ['none', 'refused', 'all'] as const;

/** Limits of each lane. */
export interface LaneLimits {
  /** From sending to the end of the answer. */
  timeoutMs: number;
  /** More requests are not sent, and counted as dropped. */
  inFlight: number;
  retry: RetryMode;
}

/** Sends at a constant rate, whether answers come or not. */
export class Lane {
  readonly options: LaneOptions;
  readonly #limits: LaneLimits;
  readonly #connections: Connections;
  readonly #account = new LaneAccount();
  readonly #inFlight = new Set<(cause: string) => void>();
  readonly #now: () => number;
  /** Part of an interval by which it is behind other lanes, so that they do not send at the same moments. */
  readonly #phase: number;
  #timer: NodeJS.Timeout | undefined;
  #mostBehindMs = 0;
  #whenIdle: (() => void) | undefined;

  /** @param now milliseconds since the start of the load */
  constructor(
    url: URL,
    options: LaneOptions,
    limits: LaneLimits,
    { now, phase }: { now: () => number; phase: number },
  ) {
    this.options = options;
    this.#limits = limits;
    this.#now = now;
    this.#phase = phase;
    this.#connections =
      options.connections === 'new'
        ? new NewConnections(url)
        : new (options.connections === 'kept' ? KeptConnections : Http2Sessions)(url, options.count);
  }

  get mostBehindMs(): number {
    return this.#mostBehindMs;
  }

  start(): void {
    this.#sendDue();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Waits for the requests in flight; those that take longer than the deadline fail as `unfinished`. Then closes all connections. */
  async finish(deadlineMs: number): Promise<void> {
    if (this.#inFlight.size > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
      const timer = setTimeout(() => {
        for (const end of [...this.#inFlight]) end('unfinished');
      }, deadlineMs);
      await idle;
      clearTimeout(timer);
    }
    this.#connections.close();
  }

  report(): LaneReport {
    return this.#account.report(this.options.name, this.options.rate, this.#connections.opened);
  }

  #sendDue(): void {
    const interval = 1_000 / this.options.rate;
    const dueAt = () => (this.#account.due + this.#phase) * interval;
    this.#mostBehindMs = Math.max(this.#mostBehindMs, this.#now() - dueAt());
    while (dueAt() <= this.#now()) {
      if (this.#inFlight.size >= this.#limits.inFlight) this.#account.dropped();
      else this.#send();
    }
    this.#timer = setTimeout(() => this.#sendDue(), Math.max(1, dueAt() - this.#now()));
  }

  #send(): void {
    const sentMs = this.#now();
    this.#account.sent();
    let cancel: Cancel | undefined;
    const end = (account: () => void) => {
      clearTimeout(timer);
      if (!this.#inFlight.delete(abort)) return;
      account();
      if (this.#inFlight.size === 0) this.#whenIdle?.();
    };
    const abort = (cause: string) => {
      const detail = `no whole answer after ${Math.round(this.#now() - sentMs)} ms`;
      end(() => this.#account.failed(sentMs, this.#now(), cause, detail));
      cancel?.();
    };
    const settle = (first: boolean): Settle => {
      return (outcome) => {
        if (!this.#inFlight.has(abort)) return;
        if ('status' in outcome) {
          end(() => this.#account.answered(sentMs, this.#now(), outcome.status, outcome.versions));
        } else if (outcome.retry && first && this.#mayRetry(outcome.refused)) {
          this.#account.retried();
          cancel = outcome.retry(settle(false));
        } else {
          const retriable = outcome.retry !== undefined && !this.#mayRetry(outcome.refused);
          end(() => this.#account.failed(sentMs, this.#now(), outcome.cause, outcome.detail, retriable));
        }
      };
    };
    const timer = setTimeout(abort, this.#limits.timeoutMs, 'timeout');
    this.#inFlight.add(abort);
    cancel = this.#connections.send(this.options.request, settle(true));
  }

  #mayRetry(refused = false): boolean {
    const { retry } = this.#limits;
    return retry === 'all' || (retry === 'refused' && refused);
  }
}
