import { expect, test } from 'vitest';
import { type JsonSchema, withDefaults, withoutDefaults } from '../../../operator/index.ts';

const PORT: JsonSchema = {
  type: 'object',
  properties: { number: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } },
};
const SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    image: { type: 'string' },
    replicas: { type: 'integer', default: 1 },
    drain: { type: 'object', default: {}, properties: { seconds: { type: 'integer', default: 5 } } },
    amounts: { type: 'object', default: { cpu: '1' }, properties: { cpu: { type: 'string' } } },
    ports: { type: 'array', items: PORT },
    named: { type: 'object', additionalProperties: PORT },
    probe: { type: 'object', properties: { path: { type: 'string', default: '/' } } },
  },
};
const GIVEN = { image: 'a', ports: [{ number: 1 }], named: { a: { number: 2 } } };
const STORED = {
  image: 'a',
  replicas: 1,
  drain: { seconds: 5 },
  amounts: { cpu: '1' },
  ports: [{ number: 1, protocol: 'TCP' }],
  named: { a: { number: 2, protocol: 'TCP' } },
};

test('fills in defaults as the API server does: nested, in lists and in maps, and not in objects that are left out', () => {
  expect(withDefaults(GIVEN, SCHEMA)).toEqual(STORED);
  expect(withDefaults({ probe: {} }, SCHEMA)).toMatchObject({ probe: { path: '/' } });
  expect(withDefaults({ amounts: {}, drain: { seconds: 0 } }, SCHEMA)).toMatchObject({
    amounts: {},
    drain: { seconds: 0 },
  });
  expect(GIVEN).not.toHaveProperty('replicas');
});

test('removes what equals a default, and nothing else', () => {
  expect(withoutDefaults(STORED, SCHEMA)).toEqual(GIVEN);
  const other = { replicas: 2, drain: { seconds: 0 }, amounts: {}, ports: [{ number: 1, protocol: 'UDP' }], probe: {} };
  expect(withoutDefaults(other, SCHEMA)).toEqual(other);
});

test('a default that is shared by several values is not changed through one of them', () => {
  const one = withDefaults<{ drain?: { seconds: number } }>({}, SCHEMA);
  if (one.drain) one.drain.seconds = 9;
  expect(withDefaults({}, SCHEMA)).toMatchObject({ drain: { seconds: 5 } });
});
