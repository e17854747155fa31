import type { KeyRules, MapRules } from '../../../operator/schema/index.ts';

const PREFIX = '([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?';
const NAME = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';

/** Keys of labels and annotations: an optional DNS prefix of at most 253 characters, and a name of at most 63. */
export const LABEL_KEY = new RegExp(`^${PREFIX}${NAME}$`);
export const LABEL_KEY_MESSAGE = 'is not a valid label key: use [prefix/]name, such as example.com/team';
const KEYS: KeyRules = { pattern: LABEL_KEY, message: LABEL_KEY_MESSAGE, maxLength: 253 };

/** Values of labels: at most 63 characters. */
export const LABEL_VALUE = new RegExp(`^(${NAME})?$`);
export const LABEL_VALUE_MESSAGE =
  'is not a valid label value: use letters, digits, "-", "_" and ".", and start and end with a letter or digit';

/**
 * Labels that the operator sets on generated objects, and pod-template-hash, which Deployments set. Those of OWN_PREFIX are selected by
 * generated Services, NetworkPolicies and PodDisruptionBudgets.
 */
const OWN_LABELS = [
  'app.kubernetes.io/component',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/name',
  'pod-template-hash',
];
const OWN_PREFIX = 'restapi.dev/';
const OWN_MESSAGE = 'is reserved for the operator: remove it';

/**
 * Annotations that choose a profile of AppArmor or seccomp. The API server copies those of AppArmor to the security context, where
 * `unconfined` takes the pod out of Pod Security `baseline`.
 */
export const PROFILE_ANNOTATIONS = [
  'apparmor.security.beta.kubernetes.io/',
  'container.apparmor.security.beta.kubernetes.io/',
  'container.seccomp.security.alpha.kubernetes.io/',
  'seccomp.security.alpha.kubernetes.io/',
];

const LABEL_VALUES = { type: 'string', maxLength: 63, pattern: LABEL_VALUE.source } as const;

/** Labels to select by, such as in a node selector. */
export const LABELS: MapRules = { keys: KEYS, values: LABEL_VALUES, maxProperties: 32 };

/** Labels of pods, except those of the operator. */
export const POD_LABELS: MapRules = {
  ...LABELS,
  keys: { ...KEYS, reserved: [{ keys: OWN_LABELS, prefixes: [OWN_PREFIX], message: OWN_MESSAGE }] },
};

/** Annotations. All annotations of an object are limited to 256 KiB together; these maximums leave room for others. */
export const ANNOTATIONS: MapRules = {
  keys: KEYS,
  values: { type: 'string', maxLength: 4_096 },
  maxProperties: 32,
};

/** Annotations of pods, except those of the operator and those that would weaken the security context. */
export const POD_ANNOTATIONS: MapRules = {
  ...ANNOTATIONS,
  keys: {
    ...KEYS,
    reserved: [
      { prefixes: [OWN_PREFIX], message: OWN_MESSAGE },
      {
        prefixes: PROFILE_ANNOTATIONS,
        message:
          'is not allowed, as pods always run with the default profiles of the container runtime: remove it; to require AppArmor, set securityContext.appArmorProfile',
      },
    ],
  },
};
