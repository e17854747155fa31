import { bytesOf, checksum, textOf } from './checked-bytes.ts';
import { codeOf, GAP, loadOf, packed, unpacked } from './load-code.ts';

/** Minutes of one bucket, for which one mean is kept. */
export const BUCKET_MINUTES = 10;
export const BUCKET_MS = BUCKET_MINUTES * 60_000;
export const BUCKETS_PER_DAY = (24 * 60) / BUCKET_MINUTES;
/**
 * Four weeks, so that each hour of the week is included four times; and half a day, so that the hours just past and just
 * ahead are included equally often. Otherwise an old holiday would be in one of them only.
 */
export const BUCKETS = 28.5 * BUCKETS_PER_DAY;

/** A clock set back by less is waited for; set back by more, it is trusted. */
const PATIENCE_BUCKETS = 60 / BUCKET_MINUTES;

const VERSION = 'v1';
const HEADER_BYTES = 4;
const CHECKSUM_BYTES = 4;

/** Means of the load, one per {@link BUCKET_MINUTES}. */
export interface KnownLoad {
  /** Number of the bucket of the first value, counted from 1970. */
  first: number;
  /** Oldest first, up to the last finished bucket; NaN where unknown. Do not modify. */
  readonly values: Float64Array;
}

/**
 * The load of one component: its total demand, in any unit that adds up over pods (CPU cores, requests per second). Four
 * weeks of ten-minute means, encoded in a text of fixed size ({@link LoadHistory.encode}). Values are kept to 0.3 % between
 * 0.0001 and 1,000,000; smaller ones are 0, larger ones the maximum.
 */
export class LoadHistory {
  /** Of bucket b at b % BUCKETS. */
  readonly #codes: Uint16Array;
  /** The newest finished bucket; -1: none. */
  #last: number;
  #open: { bucket: number; at: number; sum: number; count: number } | undefined;
  /** Cache: read at every decision, changed every ten minutes. */
  #known: { end: number; load: KnownLoad } | undefined;

  private constructor(codes: Uint16Array, last: number) {
    this.#codes = codes;
    this.#last = last;
  }

  static empty(): LoadHistory {
    return new LoadHistory(new Uint16Array(BUCKETS), -1);
  }

  /**
   * Decodes a history.
   * @param text the result of {@link encode}; undefined gives an empty history
   * @returns an empty history and the problem, if the text cannot be read
   */
  static decode(text: string | undefined): { history: LoadHistory; problem?: string } {
    if (text === undefined) return { history: LoadHistory.empty() };
    const startOver = (problem: string) => ({
      history: LoadHistory.empty(),
      problem: `the load history cannot be read: ${problem}; it starts over`,
    });
    const [version, body, ...more] = text.split('.');
    if (version !== VERSION) {
      return startOver(`its version is ${JSON.stringify(version?.slice(0, 20))}, expected ${VERSION}`);
    }
    if (body === undefined || more.length > 0) return startOver(`its format is not ${VERSION}.<base64>`);
    const bytes = bytesOf(body);
    if (!bytes) return startOver('it is not base64');
    const expected = HEADER_BYTES + packedBytes() + CHECKSUM_BYTES;
    if (bytes.length !== expected) return startOver(`it has ${bytes.length} bytes, expected ${expected}`);
    const data = bytes.subarray(0, -CHECKSUM_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (checksum(data) !== view.getUint32(data.length)) return startOver('its checksum is wrong');
    const codes = unpacked(data.subarray(HEADER_BYTES), BUCKETS);
    return { history: new LoadHistory(codes, view.getInt32(0)) };
  }

  /**
   * Encodes the history for a ConfigMap: 8,223 characters. The text changes every ten minutes, not with each sample; the
   * samples of the open bucket are lost with the process.
   */
  encode(): string {
    const bytes = new Uint8Array(HEADER_BYTES + packedBytes() + CHECKSUM_BYTES);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, this.#last);
    bytes.set(packed(this.#codes), HEADER_BYTES);
    view.setUint32(bytes.length - CHECKSUM_BYTES, checksum(bytes.subarray(0, -CHECKSUM_BYTES)));
    return `${VERSION}.${textOf(bytes)}`;
  }

  /**
   * Adds a sample. One that is not later than the last is ignored: it is a repetition, or the clock was set back. If the
   * clock was set back by more than an hour, it is trusted, and later samples are dropped.
   *
   * @param at in ms since 1970
   * @returns whether it was added; not if the load or the time is not a number, or negative
   */
  add(at: number, load: number): boolean {
    const bucket = Math.floor(at / BUCKET_MS);
    if (!(load >= 0 && Number.isFinite(load) && bucket >= 0 && bucket < 2 ** 31)) return false;
    const newest = this.#open?.bucket ?? this.#last;
    if (bucket < newest - PATIENCE_BUCKETS) this.#forgetFrom(bucket);
    else if (this.#open ? at <= this.#open.at : bucket <= this.#last) return false;
    if (this.#open?.bucket !== bucket) {
      this.#close();
      this.#open = { bucket, at, sum: 0, count: 0 };
    }
    // The clock may have been set back.
    if (bucket <= (this.#known?.end ?? -1)) this.#known = undefined;
    const open = this.#open as { at: number; sum: number; count: number };
    open.at = at;
    open.sum += load;
    open.count++;
    return true;
  }

  /**
   * Fills gaps from another history, such as that of another process or of Prometheus. Known values do not change.
   */
  merge(other: LoadHistory): void {
    this.#known = undefined;
    if (other.#last > this.#last) this.#advance(other.#last);
    for (let bucket = Math.max(0, this.#last - BUCKETS + 1); bucket <= other.#last; bucket++) {
      if (bucket <= other.#last - BUCKETS) continue;
      const at = bucket % BUCKETS;
      if (this.#codes[at] === GAP) this.#codes[at] = other.#codes[at] as number;
    }
    if (this.#open && this.#open.bucket <= this.#last) this.#open = undefined;
  }

  /** The load up to a time. @param now in ms since 1970 @returns the same object as long as the load is the same */
  known(now: number): KnownLoad {
    const end = Math.floor(now / BUCKET_MS) - 1;
    if (this.#known?.end !== end) this.#known = { end, load: this.#knownUntil(end) };
    return this.#known.load;
  }

  #knownUntil(end: number): KnownLoad {
    const oldest = Math.max(0, end - BUCKETS + 1);
    const values = new Float64Array(Math.max(0, end - oldest + 1)).map((_, index) => this.#valueOf(oldest + index));
    const start = values.findIndex((value) => !Number.isNaN(value));
    return start < 0
      ? { first: end + 1, values: new Float64Array(0) }
      : { first: oldest + start, values: values.subarray(start) };
  }

  #valueOf(bucket: number): number {
    if (bucket === this.#open?.bucket) return this.#open.sum / this.#open.count;
    if (bucket > this.#last || bucket <= this.#last - BUCKETS) return Number.NaN;
    return loadOf(this.#codes[bucket % BUCKETS] as number);
  }

  #close(): void {
    if (!this.#open) return;
    const { bucket, sum, count } = this.#open;
    this.#known = undefined;
    this.#advance(bucket);
    this.#codes[bucket % BUCKETS] = codeOf(sum / count);
    this.#open = undefined;
  }

  #advance(bucket: number): void {
    const gaps = Math.min(bucket - this.#last, BUCKETS);
    for (let index = 0; index < gaps; index++) this.#codes[(bucket - index) % BUCKETS] = GAP;
    this.#last = bucket;
  }

  #forgetFrom(bucket: number): void {
    this.#open = undefined;
    const oldest = this.#last - BUCKETS + 1;
    for (let later = Math.max(bucket, oldest, 0); later <= this.#last; later++) this.#codes[later % BUCKETS] = GAP;
    this.#last = bucket > oldest ? Math.min(bucket - 1, this.#last) : -1;
  }
}

function packedBytes(): number {
  return (BUCKETS * 3) / 2;
}
