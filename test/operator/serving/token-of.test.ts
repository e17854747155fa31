import { expect, test } from 'vitest';
import { tokenOf } from '../../../operator/serving/token-of.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const TOKEN = 'eyJhbGciOi.eyJpc3M_-.c2ln~+/==';

test('a bearer token is read, whatever the case of its scheme', () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) expect(tokenOf(`${scheme} ${TOKEN}`, ['Bearer'])).toBe(TOKEN);
  expect(tokenOf(`Bearer  ${TOKEN}`, ['Bearer'])).toBe(TOKEN);
});

test('with Basic the password is the token, whoever the user is', () => {
  for (const user of ['', 'me', 'ä b']) expect(tokenOf(basic(`${user}:${TOKEN}`), ['Basic', 'Bearer'])).toBe(TOKEN);
  expect(tokenOf(`Bearer ${TOKEN}`, ['Basic', 'Bearer'])).toBe(TOKEN);
});

test('a scheme that is not accepted is none', () => {
  expect(tokenOf(basic(`me:${TOKEN}`), ['Bearer'])).toBeUndefined();
  expect(tokenOf(`Digest ${TOKEN}`, ['Basic', 'Bearer'])).toBeUndefined();
});

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  TOKEN,
  `Bearer ${TOKEN} more`,
  `Bearer ${TOKEN}, Basic x`,
  'Bearer a:b',
  'Bearer "quoted"',
  `x Bearer ${TOKEN}`,
  basic('no colon'),
  basic('empty:'),
  basic(`two:${TOKEN}:parts`),
  basic('spaces:a b'),
  'Basic !!!',
])('%j has no token', (header) => expect(tokenOf(header, ['Basic', 'Bearer'])).toBeUndefined());
