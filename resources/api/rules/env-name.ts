import type { KeyRules } from '../../../operator/schema/index.ts';

/** The variables the operator gives every component itself: its name, its port and the addresses of the components. */
export const RESERVED_ENV = ['COMPONENT', 'PORT', 'MODEL_URL', 'VIEW_URL', 'CONTROLLER_URL', 'REPOSITORY_URL'] as const;

/**
 * A name that is good everywhere it ends up: as a ConfigMap key (letters, digits, `-`, `_`, `.`; no path such as
 * `..`), and as an environment variable on every supported Kubernetes. Servers before 1.34 skip ConfigMap keys that
 * start with a digit without a word when they make variables of them, so those are refused here.
 */
export const ENV_NAME = /^([-_a-zA-Z]|\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$/;
export const ENV_NAME_MAX_LENGTH = 253;
export const ENV_NAME_MESSAGE =
  'is no valid name of a variable: use letters, digits, "-", "_" and ".", and do not start with a digit or ".."';
export const RESERVED_MESSAGE = 'is set by the operator itself: remove it';

/**
 * The longest value, in characters. Linux starts no process with a variable of more than 131,072 bytes, name
 * included; a character can take four.
 */
export const ENV_VALUE_MAX_LENGTH = 32_000;
/** A NUL ends a variable in every operating system, so nothing could be passed on after it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the one character that may not be there
export const ENV_VALUE = /^[^\x00]*$/;

export const ENV_NAME_RULES: KeyRules = {
  pattern: ENV_NAME,
  maxLength: ENV_NAME_MAX_LENGTH,
  message: ENV_NAME_MESSAGE,
  reserved: { keys: RESERVED_ENV, message: RESERVED_MESSAGE },
};
