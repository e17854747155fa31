import { type ComponentName, SCALING_SAVED_AT } from '../../resources/index.ts';
import type { ComponentUse, Kill } from './pod-use.ts';
import { LoadHistory, type PredictiveState } from './predictive/index.ts';
import { historyOf, historyText, killed, NO_HISTORY, observed, type UsageHistory } from './vertical/index.ts';

/** What is known of the load of one component. */
export interface LearnedComponent {
  /** What its pods used, each of them. */
  usage: UsageHistory;
  /** CPU cores that all of its pods together used. */
  load: LoadHistory;
  /** What was decided last from the load. */
  state?: PredictiveState;
}

export type Learned = Partial<Record<ComponentName, LearnedComponent>>;

/** How often what was learned is written down, in ms. A process that ends without warning forgets so much at most. */
export const SAVE_EVERY_MS = 60 * 60_000;

/**
 * What a record says of a component.
 *
 * @returns besides, what of the record could not be read, in words
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

/** With what was seen at one more look; a look that is in it already changes nothing. */
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

/** Both together: what this process knows, and what another wrote down meanwhile. */
export function merged(own: LearnedComponent | undefined, written: LearnedComponent): LearnedComponent {
  if (!own) return written;
  own.load.merge(written.load);
  // Two histories of use cannot be added: each has in it what both have seen.
  return { ...own, usage: own.usage.observedMs >= written.usage.observedMs ? own.usage : written.usage };
}

/**
 * The record to keep: the one there is, or a new one if it is an hour old or lost, or lacks a component that is known.
 *
 * @param record the one there is
 * @param kept of which components the use of each pod is to be kept, and of which all load
 * @returns undefined: nothing is known that was worth it
 */
export function recordOf(
  record: Record<string, string> | undefined,
  learned: Learned,
  kept: { usage: readonly ComponentName[]; load: readonly ComponentName[] },
  now: Date,
): Record<string, string> | undefined {
  const age = now.getTime() - Date.parse(record?.[SCALING_SAVED_AT] ?? '');
  // A record of the future is one of a clock that was set back since.
  const lacks = (what: 'usage' | 'load') =>
    kept[what].some((component) => learned[component]?.usage.at && !(`${component}.${what}` in (record ?? {})));
  // What was first seen after it was written should not wait for the next.
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

/** It may be lost: it is only there so that a decision need not be found anew. */
function stateOf(text: string | undefined): PredictiveState | undefined {
  try {
    const state = JSON.parse(text ?? 'null') as PredictiveState | null;
    const sound = Number.isInteger(state?.minReplicas) && Number.isFinite(state?.changedAt);
    return state && sound ? state : undefined;
  } catch {
    return undefined;
  }
}
