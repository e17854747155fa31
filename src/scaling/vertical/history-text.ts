import { createHash } from 'node:crypto';
import { type Buckets, CPU_BUCKETS, type Histogram, MEMORY_BUCKETS } from './histogram.ts';
import { NO_HISTORY, type UsageHistory } from './usage-history.ts';

/**
 * Version of the text. Change it with the format or the buckets, so that an old history is dropped and not misread.
 */
const VERSION = 'v1';

/** Weights are written in parts of the greatest one; VPA takes 10,000 for its checkpoints, here it is what two bytes hold. */
const PARTS = 65_535;
const HEAD_BYTES = 12 + 16;
const SUM_BYTES = 4;

/**
 * Encodes a history as one line for a ConfigMap: 67 to 299 characters for the loads of the tests, at most 1,500. Times are
 * kept to seconds, weights to four digits.
 */
export function historyText(history: UsageHistory): string {
  const head = Buffer.alloc(HEAD_BYTES);
  // Rounded up, so that a reading that is included is not taken for a new one.
  head.writeUInt32LE(Math.ceil(history.at / 1_000), 0);
  head.writeUInt32LE(Math.round(history.observedMs / 1_000), 4);
  head.writeUInt32LE(Math.round(history.peakUntil / 1_000), 8);
  head.writeDoubleLE(history.peak, 12);
  head.writeDoubleLE(history.oomPeak, 20);
  const bytes = Buffer.concat([head, histogramBytes(history.cpu), histogramBytes(history.memoryPeaks)]);
  return `${VERSION}.${Buffer.concat([bytes, checksum(bytes)]).toString('base64url')}`;
}

/** Decodes a history. @returns an empty one and the reason, if the text cannot be read */
export function historyOf(text: string): { history: UsageHistory; trouble?: string } {
  const [version, encoded = '', ...rest] = text.split('.');
  const startOver = (what: string) => ({ history: NO_HISTORY, trouble: `${what}; the usage history starts over` });
  if (version !== VERSION || rest.length > 0) {
    return startOver(`its version is ${JSON.stringify(String(version).slice(0, 20))}, expected ${VERSION}`);
  }
  const all = Buffer.from(encoded, 'base64url');
  const bytes = all.subarray(0, Math.max(0, all.length - SUM_BYTES));
  if (!checksum(bytes).equals(all.subarray(bytes.length)) || all.toString('base64url') !== encoded) {
    return startOver('it is damaged: its checksum is wrong');
  }
  try {
    const cpu = readHistogram(bytes, HEAD_BYTES, CPU_BUCKETS);
    const memoryPeaks = readHistogram(bytes, cpu.end, MEMORY_BUCKETS);
    const history = {
      at: bytes.readUInt32LE(0) * 1_000,
      observedMs: bytes.readUInt32LE(4) * 1_000,
      peakUntil: bytes.readUInt32LE(8) * 1_000,
      peak: bytes.readDoubleLE(12),
      oomPeak: bytes.readDoubleLE(20),
      cpu: cpu.histogram,
      memoryPeaks: memoryPeaks.histogram,
    };
    const sound = [history.peak, history.oomPeak].every((amount) => Number.isFinite(amount) && amount >= 0);
    if (sound && memoryPeaks.end === bytes.length) return { history };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return startOver('it is damaged: its content is invalid');
}

/** Encodes the number of buckets, the greatest weight, and for each bucket its distance from the last and share of it. */
function histogramBytes(histogram: Histogram): Buffer {
  const most = Math.fround(Math.max(0, ...histogram.values()));
  const entries = [...histogram]
    .sort(([a], [b]) => a - b)
    .map(([bucket, weight]) => [bucket, Math.min(PARTS, Math.round((weight / most) * PARTS))] as const)
    .filter(([, parts]) => parts > 0);
  const bytes = Buffer.alloc(5 + entries.length * 3);
  bytes.writeUInt8(entries.length, 0);
  bytes.writeFloatLE(most, 1);
  let before = 0;
  for (const [index, [bucket, parts]] of entries.entries()) {
    bytes.writeUInt8(bucket - before, 5 + index * 3);
    bytes.writeUInt16LE(parts, 6 + index * 3);
    before = bucket;
  }
  return bytes;
}

function readHistogram(bytes: Buffer, start: number, { count }: Buckets): { histogram: Histogram; end: number } {
  const length = bytes.readUInt8(start);
  const most = bytes.readFloatLE(start + 1);
  const end = start + 5 + length * 3;
  if (!Number.isFinite(most) || most < 0) throw new RangeError('a weight is not a number');
  const histogram = new Map<number, number>();
  let bucket = 0;
  for (let at = start + 5; at < end; at += 3) {
    bucket += bytes.readUInt8(at);
    if (bucket >= count) throw new RangeError('a bucket is out of range');
    histogram.set(bucket, (bytes.readUInt16LE(at + 1) / PARTS) * most);
  }
  return { histogram, end };
}

function checksum(bytes: Buffer): Buffer {
  return createHash('sha256').update(VERSION).update(bytes).digest().subarray(0, SUM_BYTES);
}
