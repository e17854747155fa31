import { LoadHistory } from '../../src/scaling/predictive/index.ts';
import {
  historyOf,
  historyText,
  NO_HISTORY,
  observed,
  type PodUse,
  recommendation,
} from '../../src/scaling/vertical/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is written down of pods that have used this for two days. */
export function usageText(use: PodUse, now: number): string {
  let history = NO_HISTORY;
  for (let at = now - 2 * DAY; at <= now; at += 10 * MINUTE) history = observed(history, at, [use]);
  return historyText(history);
}

/** The MiB that are recommended by what is written down. */
export function memoryFor(text: string): number {
  return (recommendation(historyOf(text).history)?.memory.target ?? 0) / 1024 ** 2;
}

/**
 * What is written down of a load that each day for 17 days was low, rose at once and stayed high for 12 hours, in the
 * middle of which it is now. Each day it is 1.5 % higher.
 */
export function loadText({ low, high, now }: { low: number; high: number; now: number }): string {
  const history = LoadHistory.empty();
  for (let at = now - 17 * DAY; at < now; at += 10 * MINUTE) {
    const ago = (now - at) / HOUR;
    const hour = (12 - (ago % 24) + 24) % 24;
    const busy = Math.min(1, Math.max(0, Math.min(hour - 6, 18 - hour)));
    history.add(at, (low + (high - low) * busy) * 0.985 ** (ago / 24) * (1 + 0.01 * noise(at)));
  }
  return history.encode();
}

/** From -1 to 1, without a pattern, and the same each time. */
function noise(at: number): number {
  const x = Math.sin(at / MINUTE) * 43_758.5453;
  return 2 * (x - Math.floor(x)) - 1;
}
