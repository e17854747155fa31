import type { CelRule } from '../../../operator/schema/index.ts';
import type { EnvVar } from '../env-var.ts';

/** Half of the maximum size of a ConfigMap, because its metadata and managed fields count as well. */
export const ENV_VARS_MAX_BYTES = 512 * 1024;
/**
 * These variables are part of the Deployment, its ReplicaSets and every pod. With spec.envVars they fit into the limits
 * of Linux.
 */
export const ENV_MAX_BYTES = 128 * 1024;

/** Limits the size of spec.envVars. */
export const envVarsFit: CelRule<Record<string, string>> = {
  rule: `self.map(k, bytes(k).size() + bytes(self[k]).size()).sum() <= ${ENV_VARS_MAX_BYTES}`,
  message: `names and values together must not exceed ${ENV_VARS_MAX_BYTES} bytes: they are stored in one ConfigMap`,
  check: (envVars) => bytes(Object.entries(envVars)) <= ENV_VARS_MAX_BYTES,
};

/** Limits the size of spec.<component>.env. */
export const envFits: CelRule<EnvVar[]> = {
  rule: `self.map(e, bytes(e.name).size() + (has(e.value) ? bytes(e.value).size() : 0)).sum() <= ${ENV_MAX_BYTES}`,
  message: `names and values together must not exceed ${ENV_MAX_BYTES} bytes: they are part of every pod`,
  check: (env) => bytes(env.map(({ name, value }) => [name, value])) <= ENV_MAX_BYTES,
};

function bytes(variables: [string, string][]): number {
  return variables.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
}
