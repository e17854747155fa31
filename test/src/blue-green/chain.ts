import type { ComponentName } from '../../../resources/api/component-name.ts';

/** The way of a request through the application: each component calls the next. */
export const CHAIN: readonly ComponentName[] = ['view', 'controller', 'model', 'repository'];

/** One pod that took part in answering a request. */
export interface Hop {
  pod: string;
  component: string;
  environment: string;
  image: string;
}

/** The components that answer a request that comes in at `entry`. */
export function chainFrom(entry: ComponentName): readonly ComponentName[] {
  return CHAIN.slice(CHAIN.indexOf(entry));
}

/** Whether a request met pods of more than one environment or of more than one version. */
export function isCrossed(hops: readonly Hop[]): boolean {
  return new Set(hops.map(({ environment, image }) => `${environment} ${image}`)).size > 1;
}
