import type { CelRule } from '../../../operator/schema/index.ts';
import type { EnvVar } from '../env-var.ts';

/** Half of what one ConfigMap carries: the object itself and what the server notes about it need room as well. */
export const ENV_VARS_MAX_BYTES = 512 * 1024;
/** These stand in the Deployment, its ReplicaSets and every pod. With spec.envVars they stay below what Linux gives a process. */
export const ENV_MAX_BYTES = 128 * 1024;

/** Bounds what spec.envVars holds. */
export const envVarsFit: CelRule<Record<string, string>> = {
  rule: `self.map(k, bytes(k).size() + bytes(self[k]).size()).sum() <= ${ENV_VARS_MAX_BYTES}`,
  message: `names and values together may not take more than ${ENV_VARS_MAX_BYTES} bytes: they go into one ConfigMap`,
  check: (envVars) => bytes(Object.entries(envVars)) <= ENV_VARS_MAX_BYTES,
};

/** Bounds what spec.<component>.env holds. */
export const envFits: CelRule<EnvVar[]> = {
  rule: `self.map(e, bytes(e.name).size() + bytes(e.value).size()).sum() <= ${ENV_MAX_BYTES}`,
  message: `names and values together may not take more than ${ENV_MAX_BYTES} bytes: every pod carries them`,
  check: (env) => bytes(env.map(({ name, value }) => [name, value])) <= ENV_MAX_BYTES,
};

function bytes(variables: [string, string][]): number {
  return variables.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
}
