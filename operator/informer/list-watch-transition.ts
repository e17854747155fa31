import type { Effect, Listing, ListingByPages, Machine, State, StepContext, Waiting } from './list-watch-state.ts';
import { compareResourceVersions } from './resource-version.ts';

/** The machine after a step, and the side effects the step requests. */
export interface Transition {
  machine: Machine;
  effects: Effect[];
}

type LogEffect = Extract<Effect, { type: 'log' }>;

/** A transition without side effects. */
export function to(machine: Machine): Transition {
  return { machine, effects: [] };
}

/** The state that lists, by stream or page by page. */
export function listing({ streamingLists }: Machine, after: string | undefined): Listing | ListingByPages {
  return streamingLists ? { name: 'Listing', after, openedMs: undefined } : { name: 'ListingByPages', after };
}

export function waiting(pauseMs: number, then: Waiting['then']): State {
  return pauseMs > 0 ? { name: 'Waiting', pauseMs, then } : then;
}

/** Records why the watch ended. The first reason counts. */
export function withGap(
  machine: Machine,
  reason: string,
  cause: string,
  relisted: boolean,
  { nowMs }: StepContext,
): Machine {
  if (!machine.everOpened) return machine;
  const gap = machine.gap ?? { sinceMs: nowMs, reason, cause, relisted };
  return { ...machine, gap: { ...gap, relisted: gap.relisted || relisted } };
}

export function log(
  level: LogEffect['level'],
  message: string,
  { what }: StepContext,
  fields: Record<string, unknown> = {},
): LogEffect {
  return { type: 'log', level, message, fields: { resource: what, ...fields } };
}

export function isOlder(version: string, than: string | undefined): boolean {
  if (than === undefined) return false;
  const compared = compareResourceVersions(version, than);
  return compared !== undefined && compared < 0;
}
