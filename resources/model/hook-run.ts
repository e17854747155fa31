import { hashOf } from '../../operator/index.ts';
import type { HookName, HookSpec } from '../api/hook-spec.ts';
import type { Environment } from './environment.ts';

/** One run of a hook. */
export interface HookRun {
  hook: HookName;
  spec: HookSpec;
  /** The environment of the revision that it runs for. */
  environment: Environment;
  /** Distinguishes it from the same hook of another release of the same revision; from the status. */
  since: string;
  /** The spec of its Job as it is stored; undefined: there is no Job yet. */
  stored?: object;
}

/**
 * Returns the unique name of the Job of a hook. It does not depend on how the Job is rendered: a migration that runs must not be
 * started again because its spec or the operator has changed.
 */
export function hookJobName({ hook, environment, since }: HookRun): string {
  const { api, revision } = environment;
  const { name, uid } = api.metadata;
  return `${name}-hook-${hashOf({ uid, hook, revision, since })}`;
}
