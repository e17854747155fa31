import type { KeyRules, MapRules } from '../../../operator/schema/index.ts';

const PREFIX = '([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?';
const NAME = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';

/** Keys of labels and annotations: an optional DNS prefix of at most 253 characters, and a name of at most 63. */
export const LABEL_KEY = new RegExp(`^${PREFIX}${NAME}$`);
export const LABEL_KEY_MESSAGE = 'is no key of a label: use [prefix/]name, such as example.com/team';
const KEYS: KeyRules = { pattern: LABEL_KEY, message: LABEL_KEY_MESSAGE, maxLength: 253 };

/** Values of labels: at most 63 characters. */
export const LABEL_VALUE = new RegExp(`^(${NAME})?$`);
export const LABEL_VALUE_MESSAGE =
  'is no value of a label: use letters, digits, "-", "_" and ".", and begin and end with a letter or digit';

/** Labels the operator sets on pods itself, and the one that Deployments tell their versions by. */
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

/** Labels to look for, as in a node selector. */
export const LABELS: MapRules = { keys: KEYS, values: LABEL_VALUES, maxProperties: 32 };

/** Labels of pods: any but the operator's own. */
export const POD_LABELS: MapRules = {
  ...LABELS,
  keys: { ...KEYS, reserved: { keys: OWN_LABELS, message: 'is set by the operator itself: remove it' } },
};

/** Annotations. All of an object's together may take 256 KiB; this many of this length always fit beside others'. */
export const ANNOTATIONS: MapRules = {
  keys: KEYS,
  values: { type: 'string', maxLength: 4_096 },
  maxProperties: 32,
};

/** As ANNOTATIONS, for pods: any but those by which pods are replaced when what they read changes. */
export const POD_ANNOTATIONS: MapRules = {
  ...ANNOTATIONS,
  keys: {
    ...KEYS,
    reserved: {
      keys: ['restapi.dev/env-hash', 'restapi.dev/references-hash'],
      message: 'is set by the operator itself: remove it',
    },
  },
};
