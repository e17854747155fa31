import { LoadHistory } from '../../../src/scaling/predictive/index.ts';
import {
  historyOf,
  historyText,
  NO_HISTORY,
  observed,
  type PodUse,
  recommendation,
} from '../../../src/scaling/vertical/index.ts';
import { noise } from './noise.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The record of pods that have used this for two days. */
export function usageText(use: PodUse, now: number): string {
  let history = NO_HISTORY;
  for (let at = now - 2 * DAY; at <= now; at += 10 * MINUTE) history = observed(history, at, [use]);
  return historyText(history);
}

/** The MiB recommended from a record. */
export function memoryFor(text: string): number {
  return (recommendation(historyOf(text).history)?.memory.target ?? 0) / 1024 ** 2;
}

/** A load in cores, and the time of observation, in ms since 1970. */
export interface Office {
  low: number;
  high: number;
  now: number;
}

/** How many days of the load are recorded. */
export const DAYS = 17;

/**
 * A load that each day is low, rises at once and stays high for 12 hours, in the middle of which it is now. Each day it
 * is 1.5 % higher.
 */
export function officeLoad({ low, high, now }: Office, at: number): number {
  const ago = (now - at) / HOUR;
  const hour = (12 - (ago % 24) + 24) % 24;
  const busy = Math.min(1, Math.max(0, Math.min(hour - 6, 18 - hour)));
  return (low + (high - low) * busy) * 0.985 ** (ago / 24) * (1 + 0.01 * (2 * noise(at) - 1));
}

/** The record of this load. */
export function loadText(office: Office): string {
  const history = LoadHistory.empty();
  const { now } = office;
  for (let at = now - DAYS * DAY; at < now; at += 10 * MINUTE) history.add(at, officeLoad(office, at));
  return history.encode();
}

/** The counter of CPU time that a container has used, as scraped by Prometheus, in the text format of OpenMetrics. */
export function usageCounter(labels: Record<string, string>, office: Office, everyMinutes = 5): string {
  const names = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  const lines: string[] = [];
  let used = 0;
  const { now } = office;
  for (let at = now - DAYS * DAY; at <= now; at += everyMinutes * MINUTE) {
    lines.push(`container_cpu_usage_seconds_total{${names.join(',')}} ${used.toFixed(3)} ${at / 1_000}`);
    used += officeLoad(office, at) * everyMinutes * 60;
  }
  return lines.join('\n');
}
