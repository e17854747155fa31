import { jsonEscape } from '../log/plain-text.ts';

/** What JSON admits in strings and YAML does not, or folds into a space. https://yaml.org/spec/1.2.2/#51-character-set */
const NOT_IN_YAML = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const HALF_PAIRS = /\\ud[89a-f][0-9a-f]{2}/;

/**
 * Serializes the body of a request. The API server reads the body of an apply as YAML, which admits fewer characters than JSON, so
 * these are escaped: without that, one of them in a variable would make the object impossible to apply. Half a surrogate pair becomes
 * U+FFFD, as in the API server.
 */
export function jsonBody(body: unknown): string {
  let json = JSON.stringify(body);
  if (HALF_PAIRS.test(json)) {
    json = JSON.stringify(body, (_key, value) => (typeof value === 'string' ? value.toWellFormed() : value));
  }
  return json.replaceAll(NOT_IN_YAML, jsonEscape);
}
