import type { ComponentName } from './component-name.ts';

/** What the controller decided from what it observed, for the dependents to act upon. */
export interface Decision {
  /**
   * A hash of what the ConfigMaps and Secrets hold that a component names; its pods are replaced when it changes.
   * A component that names none has none.
   */
  referenceHashes: Partial<Record<ComponentName, string>>;
}
