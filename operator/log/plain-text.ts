import { stripVTControlCharacters } from 'node:util';

/**
 * Characters that are not shown or change how others are shown: control characters, format characters (such as changes of the
 * writing direction and zero-width ones), line separators, and halves of surrogate pairs.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const HIDDEN_RUNS = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;
/** Those that JSON.stringify() leaves as they are. */
const HIDDEN_IN_JSON = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

/**
 * Returns foreign text as one line without hidden characters and terminal sequences, so that it cannot forge lines or control a
 * terminal. A space takes the place of each run of them. Half a surrogate pair becomes U+FFFD, as in the API server.
 */
export function plainText(text: string): string {
  if (!HIDDEN.test(text)) return text;
  return stripVTControlCharacters(text).toWellFormed().replaceAll(HIDDEN_RUNS, ' ');
}

/** Returns whether a text has characters that `plainText()` replaces. */
export function hasHidden(text: string): boolean {
  return HIDDEN.test(text);
}

/** Returns a JSON value with `plainText()` of all its strings. Keys stay. */
export function plainValues<T>(value: T): T {
  if (typeof value === 'string') return plainText(value) as T;
  if (Array.isArray(value)) return value.map(plainValues) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plainValues(field)])) as T;
}

/** Escapes the hidden characters that JSON.stringify() leaves in a JSON text. The value stays the same. */
export function escapeHidden(json: string): string {
  return json.replaceAll(HIDDEN_IN_JSON, jsonEscape);
}

/** Returns the escape sequence of a character in a JSON string: two for one outside of the basic plane. */
export function jsonEscape(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`).join('');
}

/** Escapes the hidden characters of a YAML text in which only double-quoted strings have any. The value stays the same. */
export function escapeHiddenInYaml(yaml: string): string {
  return yaml.replaceAll(HIDDEN_IN_JSON, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
