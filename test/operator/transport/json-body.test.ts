import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonBody } from '../../../operator/transport/json-body.ts';
import { HOSTILE } from '../../support/hostile-texts.ts';

/** The characters that the YAML reader of the API server (go-yaml) takes in a stream. */
const READABLE = /^[\t\n\r\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u;

test.each([
  ...Object.values(HOSTILE),
  'a\u007f\u0080\u0085\u009f\u2028\u2029\ufeff\ufffe\uffffz',
  '\\ud83d \\\\',
  '😀',
])('the body can be read as YAML and as JSON, with the same value: %j', (text) => {
  const body = { text, nested: [text], [text.toWellFormed()]: 1 };
  const json = jsonBody(body);
  const sent = { text: text.toWellFormed(), nested: [text.toWellFormed()], [text.toWellFormed()]: 1 };
  expect(json).toMatch(READABLE);
  expect(json).not.toMatch(/(?<!\\)(\\\\)*\\ud[89a-f]/);
  expect(JSON.parse(json)).toEqual(sent);
  expect(parse(json)).toEqual(sent);
});
