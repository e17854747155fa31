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

/** Labels that the operator sets on pods, and pod-template-hash, which Deployments set. */
const OWN_LABELS = [
  'app.kubernetes.io/component',
  'app.kubernetes.io/name',
  'app.kubernetes.io/part-of',
  'pod-template-hash',
  'restapi.dev/component',
  'restapi.dev/environment',
  'restapi.dev/name',
];

const LABEL_VALUES = { type: 'string', maxLength: 63, pattern: LABEL_VALUE.source } as const;

/** Labels to select by, such as in a node selector. */
export const LABELS: MapRules = { keys: KEYS, values: LABEL_VALUES, maxProperties: 32 };

/** Labels of pods, except those of the operator. */
export const POD_LABELS: MapRules = {
  ...LABELS,
  keys: { ...KEYS, reserved: { keys: OWN_LABELS, message: 'is set by the operator: remove it' } },
};

/** Annotations. All annotations of an object are limited to 256 KiB together; these maximums leave room for others. */
export const ANNOTATIONS: MapRules = {
  keys: KEYS,
  values: { type: 'string', maxLength: 4_096 },
  maxProperties: 32,
};

/** Annotations of pods, except the hashes that trigger a rollout when referenced objects change. */
export const POD_ANNOTATIONS: MapRules = {
  ...ANNOTATIONS,
  keys: {
    ...KEYS,
    reserved: {
      keys: ['restapi.dev/env-hash', 'restapi.dev/references-hash'],
      message: 'is set by the operator: remove it',
    },
  },
};
