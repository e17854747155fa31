import type { StoredObject } from '../../operator/index.ts';
import {
  ENVIRONMENTS,
  type Environment,
  type EnvironmentName,
  type Front,
  type RestAPI,
  type Revision,
  type TrialStatus,
} from '../../resources/index.ts';
import { allowedOf } from './allowed.ts';
import { otherColour } from './environments.ts';
import type { Goal } from './goal.ts';
import { lostConfiguration } from './lost-configuration.ts';
import type { Observed } from './observed.ts';
import { rejectionOf } from './rejection.ts';
import { serves } from './serves.ts';

/** Where a revision is to become active. */
export interface Target {
  environment: EnvironmentName;
  revision: Revision;
  /** Whether traffic goes back to it: the active revision was rejected, or a user wants it back. */
  rollback: boolean;
}

/** What the target of a release depends on. */
export interface TargetInputs {
  api: StoredObject<RestAPI>;
  enabled: boolean;
  stopped: boolean;
  goal: Goal;
  wanted: Revision;
  /** The revision that was active before; undefined: none is known. */
  previous: Revision | undefined;
  active: Environment;
  front: Front;
  observed: Observed;
  trial: TrialStatus | undefined;
}

/** The next release. */
export interface Next {
  /** Undefined: the wanted revision is active already, must not be, or waits. */
  target?: Target;
  /** Where the wanted revision is released when the trial of the active one is over. */
  queued?: Target;
}

/** Where the wanted revision, or the one before a rejected one, is to become active, and whether that waits. Pure. */
export function nextTarget(inputs: TargetInputs): Next {
  const { api, enabled, goal, stopped, wanted, previous, active, trial } = inputs;
  if (stopped) return {};
  if (!enabled) {
    return active.name === 'main' ? {} : { target: { environment: 'main', revision: wanted, rollback: false } };
  }
  if (previous && goesBack(inputs)) {
    // Before `main` is gone, traffic goes back to its pods.
    const isMain = active.name !== 'main' && serves(inputs.observed, 'main', previous.name);
    return { target: { environment: isMain ? 'main' : otherColour(active), revision: previous, rollback: true } };
  }
  // From `main` even the same revision is released: turning blue-green on is a switch.
  const isActive = active.revision === wanted.name && active.name !== 'main';
  if (rejectionOf(api, wanted.name) || isActive) return {};
  const target = { environment: otherColour(active), revision: wanted, rollback: goal.immediate };
  return trial && waits(inputs, trial) ? { queued: target } : { target };
}

/**
 * Whether the active revision was rejected and traffic goes back to the previous one. If another revision is wanted by now,
 * only while the previous one still has available pods: without them the wanted one is there as soon, and the previous one
 * may not be able to start at all.
 */
function goesBack({ api, wanted, previous, active, observed }: TargetInputs): boolean {
  if (!previous || active.revision === undefined) return false;
  if (!rejectionOf(api, active.revision) || rejectionOf(api, previous.name)) return false;
  if (lostConfiguration(api, previous, observed)) return false;
  if (active.revision === wanted.name || rejectionOf(api, wanted.name)) return true;
  return ENVIRONMENTS.some((name) => name !== active.name && serves(observed, name, previous.name));
}

/**
 * Whether a release waits for the trial of the active revision, because it would take the environment of the proven one.
 * A person's word does not wait: promote, rollback-to, or a spec that requests the proven revision again.
 */
function waits(inputs: TargetInputs, trial: TrialStatus): boolean {
  const { goal, wanted } = inputs;
  return wanted.name !== trial.proven && !goal.immediate && !allowedOf(inputs, wanted.name).promote;
}
