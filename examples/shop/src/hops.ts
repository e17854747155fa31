import type { ComponentName } from './settings.ts';

/** A component that took part in an answer. */
export interface Hop {
  component: ComponentName;
  version: string;
  pod: string;
}

/** Header with the version of every component that took part in an answer: `view=1.0.0,controller=1.0.0,…`. */
export const VERSIONS = 'x-shop-versions';
/** Header with their pods. */
export const PODS = 'x-shop-pods';

/**
 * Returns the versions of some hops, as `component=version` without repetition. Two versions of one component show that
 * parts of the answer came from different releases.
 */
export function versionsOf(hops: readonly Hop[]): string[] {
  return [...new Set(hops.map(({ component, version }) => `${component}=${version}`))];
}

/** Returns hops without repetition, which come from several calls for one answer. */
export function uniqueHops(hops: readonly Hop[]): Hop[] {
  return [...new Map(hops.map((hop) => [Object.values(hop).join(), hop])).values()];
}

/** Returns the headers that pass hops to the caller. */
export function hopHeaders(hops: readonly Hop[]): Record<string, string> {
  const pods = new Set(hops.map(({ component, pod }) => `${component}=${pod}`));
  return { [VERSIONS]: versionsOf(hops).join(','), [PODS]: [...pods].join(',') };
}

/** Reads the hops of an answer's body, which has them in the field `hops`. */
export function hopsIn(body: unknown): Hop[] {
  const hops = typeof body === 'object' && body !== null && 'hops' in body ? body.hops : undefined;
  return Array.isArray(hops) ? hops : [];
}
