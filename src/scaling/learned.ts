import { type ComponentName, SCALING_SAVED_AT } from '../../resources/index.ts';
import type { ComponentUse, Kill } from './pod-use.ts';
import { LoadHistory, type PredictiveState } from './predictive/index.ts';
import { historyOf, historyText, killed, NO_HISTORY, observed, type UsageHistory } from './vertical/index.ts';

/** The learned load of one component. */
export interface LearnedComponent {
  /** Usage of each of its pods. */
  usage: UsageHistory;
  /** CPU cores used by all of its pods together. */
  load: LoadHistory;
  /** State of the last forecast. */
  state?: PredictiveState;
}

export type Learned = Partial<Record<ComponentName, LearnedComponent>>;

/** Interval between two writes of the record, in ms. A process that is killed loses at most this much. */
export const SAVE_EVERY_MS = 60 * 60_000;

/**
 * Reads what a record has on a component.
 *
 * @returns also the entries that could not be read, with the reason
 */
export function learnedOf(
  record: Record<string, string> | undefined,
  component: ComponentName,
): { learned: LearnedComponent; problems: string[] } {
  const usageText = record?.[`${component}.usage`];
  const usage = usageText === undefined ? { history: NO_HISTORY } : historyOf(usageText);
  const load = LoadHistory.decode(record?.[`${component}.load`]);
  const state = stateOf(record?.[`${component}.state`]);
  const troubles = [
    [`${component}.usage`, usage.trouble],
    [`${component}.load`, load.problem],
  ] as const;
  return {
    learned: { usage: usage.history, load: load.history, ...(state && { state }) },
    problems: troubles.flatMap(([key, trouble]) => (trouble === undefined ? [] : [`${key}: ${trouble}`])),
  };
}

/** Adds one more reading; one that is included already changes nothing. */
export function learn(
  before: LearnedComponent,
  use: ComponentUse | undefined,
  kills: readonly Kill[],
): LearnedComponent {
  let { usage } = before;
  if (use) {
    usage = observed(usage, use.at, use.pods);
    before.load.add(
      use.at,
      use.pods.reduce((sum, { cpu }) => sum + cpu, 0),
    );
  }
  for (const { at, had } of kills) usage = killed(usage, at, had);
  return { ...before, usage };
}

/** Merges the load learned by this process with the load that another process has written. */
export function merged(own: LearnedComponent | undefined, written: LearnedComponent): LearnedComponent {
  if (!own) return written;
  own.load.merge(written.load);
  // Two usage histories cannot be added: both may include the same readings.
  return { ...own, usage: own.usage.observedMs >= written.usage.observedMs ? own.usage : written.usage };
}

/**
 * Returns the record to store: the present one, or a new one if it is an hour old, lost, or lacks a known component.
 *
 * @param record the present one
 * @param kept components whose usage by pod is stored, and those whose total load is
 * @returns undefined: nothing is known yet
 */
export function recordOf(
  record: Record<string, string> | undefined,
  learned: Learned,
  kept: { usage: readonly ComponentName[]; load: readonly ComponentName[] },
  now: Date,
): Record<string, string> | undefined {
  const age = now.getTime() - Date.parse(record?.[SCALING_SAVED_AT] ?? '');
  // A record from the future was written before the clock was set back.
  const lacks = (what: 'usage' | 'load') =>
    kept[what].some((component) => learned[component]?.usage.at && !(`${component}.${what}` in (record ?? {})));
  // A component first seen after it was written does not wait for the next.
  if (record && age >= 0 && age < SAVE_EVERY_MS && !lacks('usage') && !lacks('load')) return record;
  const entries = Object.entries(learned).flatMap(([name, { usage, load, state }]) => {
    const component = name as ComponentName;
    const texts: [string, string][] = [];
    if (kept.usage.includes(component) && usage.at > 0) texts.push([`${name}.usage`, historyText(usage)]);
    if (kept.load.includes(component) && (usage.at > 0 || load.known(now.getTime()).values.length > 0)) {
      texts.push([`${name}.load`, load.encode()]);
      if (state) texts.push([`${name}.state`, JSON.stringify(state)]);
    }
    return texts;
  });
  return entries.length > 0 ? Object.fromEntries([[SCALING_SAVED_AT, now.toISOString()], ...entries]) : record;
}

/** Reads the state, which may be lost: it only saves computing it again. */
function stateOf(text: string | undefined): PredictiveState | undefined {
  try {
    const state = JSON.parse(text ?? 'null') as PredictiveState | null;
    const sound = Number.isInteger(state?.minReplicas) && Number.isFinite(state?.changedAt);
    return state && sound ? state : undefined;
  } catch {
    return undefined;
  }
}
