import type { KeyRules } from '../../../operator/schema/index.ts';

/** Variables that the operator sets in every container: name and port of the component, and the component addresses. */
export const RESERVED_ENV = ['COMPONENT', 'PORT', 'MODEL_URL', 'VIEW_URL', 'CONTROLLER_URL', 'REPOSITORY_URL'] as const;

/**
 * A name that is valid both as a ConfigMap key (letters, digits, `-`, `_`, `.`; no path such as `..`) and as an
 * environment variable. Kubernetes before 1.34 silently skips ConfigMap keys that start with a digit in envFrom, so
 * they are rejected.
 */
export const ENV_NAME = /^([-_a-zA-Z]|\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$/;
export const ENV_NAME_MAX_LENGTH = 253;
export const ENV_NAME_MESSAGE =
  'is not a valid variable name: use letters, digits, "-", "_" and ".", and do not start with a digit or ".."';
export const RESERVED_MESSAGE = 'is set by the operator: remove it';

/**
 * Maximum length of a value in characters. Linux limits a variable, name included, to 131,072 bytes; a character takes
 * up to four.
 */
export const ENV_VALUE_MAX_LENGTH = 32_000;
/** NUL terminates the value of a variable in every operating system. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is the only character that is not allowed
export const ENV_VALUE = /^[^\x00]*$/;

export const ENV_NAME_RULES: KeyRules = {
  pattern: ENV_NAME,
  maxLength: ENV_NAME_MAX_LENGTH,
  message: ENV_NAME_MESSAGE,
  reserved: [{ keys: RESERVED_ENV, message: RESERVED_MESSAGE }],
};
