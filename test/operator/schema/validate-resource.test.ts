import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareQuantities, describeErrors, isQuantity, validateResource } from '../../../operator/index.ts';
import { Bike } from './sample.ts';

const bike = (spec: unknown) => ({ metadata: { name: 'b' }, spec });
const good = { serial: 'AB-1' };
const errorsOf = (spec: unknown) =>
  validateResource(Bike, bike(spec)).map(({ field, message }) => `${field}: ${message}`);

test('a valid resource has no errors', () => {
  expect(errorsOf(good)).toEqual([]);
  expect(
    errorsOf({
      ...good,
      seats: 2,
      wheels: [{ name: 'a' }, { name: 'b', inches: 12, fat: true }],
      bags: ['a', 'b'],
      labels: { a: 'b' },
      weight: '1Ki',
      share: '25%',
      size: 'small',
      level: 2,
      extras: { constructor: 1 },
      unknown: JSON.parse('{"constructor":"x","then":1,"__proto__":2}'),
    }),
  ).toEqual([]);
});

test('every error is reported once with its path', () => {
  expect(errorsOf({})).toEqual(['spec.serial: is required']);
  expect(errorsOf({ ...good, seats: 0 })).toEqual(['spec.seats: must not be less than 1']);
  // Not also that it is less than 1 and no int32.
  expect(errorsOf({ ...good, seats: 'x' })).toEqual(['spec.seats: must be a whole number (int32)']);
  expect(errorsOf({ ...good, saddle: { soft: 1 } })).toEqual(['spec.saddle.soft: must be a boolean value']);
  expect(errorsOf({ ...good, saddle: [] })).toEqual(['spec.saddle: must be an object']);
  expect(errorsOf({ ...good, wheels: {} })).toEqual(['spec.wheels: must be a list']);
  expect(errorsOf({ ...good, wheels: [{ name: 'a' }, { name: 'b', inches: 31 }, null] })).toEqual([
    'spec.wheels[1].inches: must not be greater than 30',
    'spec.wheels[2]: must be an object',
  ]);
  expect(errorsOf({ ...good, wheels: [{ name: 'a' }, { name: 'a' }] })).toEqual([
    'spec.wheels[1]: is a duplicate: name must differ',
  ]);
  expect(errorsOf({ ...good, wheels: [] })).toEqual(['spec.wheels: must contain at least 1 elements']);
  expect(errorsOf({ ...good, bags: ['a', 'a'] })).toEqual(['spec.bags[1]: is a duplicate: remove it']);
  expect(errorsOf({ ...good, code: 'x' })).toEqual(["spec.code: must be digits, as in '12'"]);
  expect(errorsOf({ ...good, weight: '1 kg' })).toEqual([
    'spec.weight: must be an amount such as 500m, 1.5 or 256Mi, and not negative',
  ]);
  expect(errorsOf({ ...good, labels: { a: 'too long', b: 1 } })).toEqual([
    'spec.labels.a: must have at most 5 characters',
    'spec.labels.b: must be a string',
  ]);
  expect(errorsOf({ ...good, labels: { a: '', B: '' } })).toEqual(['spec.labels: B is no label: use a-z']);
  expect(errorsOf({ ...good, labels: { owner: '' } })).toEqual(['spec.labels: owner is taken']);
  expect(errorsOf({ ...good, labels: { a: '', ourown: '' } })).toEqual(['spec.labels: ourown is ours']);
  expect(errorsOf({ ...good, labels: { us: '', use: '' } })).toEqual(['spec.labels: us is ours']);
});

test('a rule across fields sees defaults and runs only on valid fields', () => {
  const message = 'spec.bags: two bags need two seats: remove a bag or add a seat';
  expect(errorsOf({ ...good, bags: ['a', 'b'] })).toEqual([message]);
  expect(errorsOf({ ...good, bags: ['a', 'b'], seats: null })).toEqual([message]);
  expect(errorsOf({ ...good, bags: ['a', 1] })).toEqual(['spec.bags[1]: each value in bags must be a string']);
});

test('the object is neither modified nor retained', () => {
  const object = bike({ ...good, wheels: [{ name: 'a' }], labels: { a: null } });
  const before = structuredClone(object);
  validateResource(Bike, object);
  expect(object).toEqual(before);
});

test('no object makes it throw', () => {
  const nasty = fc.object({
    key: fc.constantFrom(
      'metadata',
      'spec',
      'serial',
      'saddle',
      'wheels',
      'labels',
      'name',
      'constructor',
      '__proto__',
      'then',
      'toString',
    ),
    values: [fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.constant([])],
    maxDepth: 4,
  });
  const property = fc.property(fc.oneof(nasty, fc.jsonValue()), (value) => {
    for (const object of [
      value,
      bike(value),
      bike({ ...good, saddle: value, wheels: [value], labels: value, code: value }),
    ]) {
      expect(Array.isArray(validateResource(Bike, object))).toBe(true);
    }
  });
  fc.assert(property, { numRuns: 500 });
  for (const nothing of [undefined, null, 1, 'x', [], {}, { metadata: null }, { metadata: { name: 1 } }]) {
    expect(validateResource(Bike, nothing)).not.toEqual([]);
  }
});

test('errors are described in one line', () => {
  expect(describeErrors(validateResource(Bike, bike({ seats: 0 })))).toBe(
    'spec.serial: is required; spec.seats: must not be less than 1',
  );
});

test('quantities are compared exactly', () => {
  const ascending = [
    '0',
    '1n',
    '.5m',
    '1m',
    '250m',
    '0.5',
    1,
    '1001m',
    '1k',
    '1Ki',
    '1e6',
    '1Mi',
    '999M',
    '1G',
    '1Gi',
    '1E',
    '1Ei',
  ];
  for (let index = 1; index < ascending.length; index++) {
    const [less, more] = [ascending[index - 1] as string, ascending[index] as string];
    expect([less, more, compareQuantities(less, more), compareQuantities(more, less)]).toEqual([less, more, -1, 1]);
  }
  for (const [a, b] of [
    ['1', '1000m'],
    ['1Gi', '1024Mi'],
    ['1e3', '1k'],
    ['1.5', '1500m'],
    ['5.', 5],
    ['1E3', '1000'],
  ]) {
    expect(compareQuantities(a as string, b as string)).toBe(0);
  }
  for (const bad of [
    '',
    ' 1',
    '1 ',
    '-1',
    '+1',
    '1K',
    '1mi',
    '1e',
    '1e1.5',
    '1\n',
    '.',
    'e3',
    0.5,
    -1,
    null,
    true,
    {},
  ]) {
    expect([bad, isQuantity(bad)]).toEqual([bad, false]);
  }
});
