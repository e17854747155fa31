import { BIN_MS, type LaneReport, SAMPLES } from './load-report.ts';
import { versionsOf } from './versions-header.ts';

type Span = LaneReport['versions'][string];

/** Counts what becomes of the requests of a lane. All times are milliseconds since the start of the load. */
export class LaneAccount {
  #due = 0;
  #dropped = 0;
  #sent = 0;
  #answered = 0;
  #failed = 0;
  #retriable = 0;
  #retried = 0;
  readonly #failures: Record<string, Span> = {};
  readonly #failureSamples: LaneReport['failureSamples'] = [];
  readonly #versions: Record<string, Span> = {};
  readonly #mixed: LaneReport['mixed'] = { count: 0, samples: [] };
  readonly #latencies: number[] = [];
  readonly #answeredBins: Record<string, number[]> = {};
  readonly #failedBins: number[] = [];

  get due(): number {
    return this.#due;
  }

  sent(): void {
    this.#due += 1;
    this.#sent += 1;
  }

  dropped(): void {
    this.#due += 1;
    this.#dropped += 1;
  }

  retried(): void {
    this.#retried += 1;
  }

  /** A whole response; a status of 400 or more counts as failed. */
  answered(sentMs: number, nowMs: number, status: number, header: string | undefined): void {
    const { version, mixed } = versionsOf(header);
    if (mixed) {
      this.#mixed.count += 1;
      if (this.#mixed.samples.length < SAMPLES)
        this.#mixed.samples.push({ sentMs: round(sentMs), answeredMs: round(nowMs), status, versions: header ?? '' });
    }
    if (status >= 400) {
      this.failed(sentMs, nowMs, `status ${status}`, `answered with ${header ?? 'no version'}`);
      return;
    }
    this.#answered += 1;
    this.#latencies.push(nowMs - sentMs);
    extend(this.#versions, version, nowMs);
    this.#answeredBins[version] ??= [];
    countInBin(this.#answeredBins[version], nowMs);
  }

  /** @param retriable whether real clients would have sent it again, and this load did not */
  failed(sentMs: number, nowMs: number, cause: string, detail: string, retriable = false): void {
    this.#failed += 1;
    if (retriable) this.#retriable += 1;
    extend(this.#failures, cause, nowMs);
    countInBin(this.#failedBins, nowMs);
    if (this.#failureSamples.length < SAMPLES)
      this.#failureSamples.push({ sentMs: round(sentMs), failedMs: round(nowMs), cause, detail });
  }

  report(name: string, rate: number, connectionsOpened: number): LaneReport {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number) => round(sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? 0);
    return {
      name,
      rate,
      due: this.#due,
      dropped: this.#dropped,
      sent: this.#sent,
      answered: this.#answered,
      failed: this.#failed,
      retriable: this.#retriable,
      retried: this.#retried,
      failures: this.#failures,
      failureSamples: this.#failureSamples,
      versions: this.#versions,
      mixed: this.#mixed,
      latencyMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
      connectionsOpened,
      series: { answered: this.#answeredBins, failed: this.#failedBins },
    };
  }
}

function extend(spans: Record<string, Span>, key: string, nowMs: number): void {
  const span = spans[key];
  if (span) {
    span.count += 1;
    span.lastMs = round(nowMs);
  } else {
    spans[key] = { count: 1, firstMs: round(nowMs), lastMs: round(nowMs) };
  }
}

/** Bins up to this one exist afterwards: a sparse array would become nulls in JSON. */
function countInBin(bins: number[], nowMs: number): void {
  const bin = Math.floor(nowMs / BIN_MS);
  while (bins.length <= bin) bins.push(0);
  bins[bin] = (bins[bin] ?? 0) + 1;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
