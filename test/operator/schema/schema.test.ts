import {
  IsArray,
  IsDate,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  registerDecorator,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  CustomResource,
  crdOf,
  crdYaml,
  customResourceOf,
  Default,
  Description,
  declareRule,
  type JsonSchema,
  MapOf,
  schemaOf,
} from '../../../operator/index.ts';
import { describedOnce } from '../../../operator/schema/described-once.ts';
import { Bike, BikeSpec } from './sample.ts';

test('each rule has its counterpart in the schema', () => {
  expect(schemaOf(BikeSpec)).toEqual({
    type: 'object',
    required: ['serial'],
    properties: {
      serial: {
        type: 'string',
        pattern: '^[A-Z]{2}-[0-9]+$',
        description: 'Serial number.',
        'x-kubernetes-validations': [
          {
            rule: 'self == oldSelf',
            message: 'is immutable: delete the object and create it again to change it',
            reason: 'FieldValueForbidden',
          },
        ],
      },
      seats: { type: 'integer', format: 'int32', minimum: 1, maximum: 2 ** 31 - 1, default: 1 },
      saddle: { type: 'object', default: {}, properties: { soft: { type: 'boolean', default: true } } },
      wheels: {
        type: 'array',
        minItems: 1,
        maxItems: 3,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string', minLength: 1, maxLength: 20, description: 'Its name.' },
            // The subclass says another default, and all else stays.
            inches: { type: 'integer', format: 'int32', minimum: 10, maximum: 30, default: 30 },
            fat: { type: 'boolean' },
          },
        },
      },
      bags: { type: 'array', maxItems: 5, items: { type: 'string', maxLength: 10 }, 'x-kubernetes-list-type': 'set' },
      labels: {
        type: 'object',
        maxProperties: 3,
        additionalProperties: { type: 'string', maxLength: 5 },
        'x-kubernetes-validations': [
          {
            rule: "self.all(k, k.size() <= 253 && k.matches(r'^[a-z]+$'))",
            message: 'a key is no label: use a-z',
            messageExpression: `self.filter(k, !(k.size() <= 253 && k.matches(r'^[a-z]+$')))[0] + " is no label: use a-z"`,
          },
          {
            rule: 'self.all(k, !(k in ["owner"]))',
            message: 'a key is taken',
            messageExpression: 'self.filter(k, k in ["owner"])[0] + " is taken"',
          },
          {
            rule: `self.all(k, !(k in ["us"] || k.startsWith(r'our')))`,
            message: 'a key is ours',
            messageExpression: `self.filter(k, k in ["us"] || k.startsWith(r'our'))[0] + " is ours"`,
          },
        ],
      },
      code: {
        type: 'string',
        maxLength: 9,
        'x-kubernetes-validations': [{ rule: "self.matches(r'^\\d+$')", message: "must be digits, as in '12'" }],
      },
      weight: {
        anyOf: [{ type: 'integer' }, { type: 'string' }],
        maxLength: 32,
        'x-kubernetes-int-or-string': true,
        'x-kubernetes-validations': [
          {
            rule: expect.stringMatching(/^string\(self\)\.matches\(r'.*'\)$/),
            message: 'must be an amount such as 500m, 1.5 or 256Mi, and not negative',
          },
        ],
      },
      share: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
      size: { type: 'string', enum: ['small', 'large'] },
      level: { type: 'integer', format: 'int64', enum: [1, 2] },
      colour: { type: 'string', enum: ['red', 'blue'] },
      price: { type: 'number' },
      extras: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
    'x-kubernetes-validations': [
      {
        rule: '!has(self.bags) || self.bags.size() < 2 || self.seats > 1',
        message: 'two bags need two seats: remove a bag or add a seat',
        fieldPath: '.bags',
      },
    ],
  });
});

test('fields keep their source order, whatever decorators they have', () => {
  class Mixed {
    @IsString()
    first!: string;
    @Description('Second.')
    @IsString()
    second!: string;
    @MapOf({ keys: { pattern: /a/, message: 'is bad' }, values: { type: 'string' }, maxProperties: 1 })
    third!: object;
    @IsString()
    fourth!: string;
  }
  class More extends Mixed {
    @IsString()
    fifth!: string;
    @Description('Still the second.')
    override second!: string;
  }
  expect(Object.keys(schemaOf(More).properties ?? {})).toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
});

test('words that Kubernetes would read as true or false are quoted: it reads YAML 1.1', () => {
  @CustomResource({ group: 'example.com', version: 'v1', kind: 'Lamp', plural: 'lamps', scope: 'Namespaced' })
  class Lamp extends Bike {
    @IsIn(['On', 'Off', 'no', 'y'])
    @IsString()
    state!: string;
  }
  const yaml = crdYaml(Lamp);
  for (const word of ['On', 'Off', 'no', 'y']) expect(yaml).toMatch(new RegExp(`- "${word}"\n`));
});

test('the CRD is deterministic YAML without anchors', () => {
  expect(crdYaml(Bike)).toBe(crdYaml(Bike));
  expect(crdYaml(Bike)).not.toMatch(/[&*]a\d/);
  expect(parse(crdYaml(Bike))).toEqual(crdOf(Bike));
  expect(crdOf(Bike)).toMatchObject({
    metadata: { name: 'bikes.example.com' },
    spec: {
      scope: 'Cluster',
      names: { kind: 'Bike', listKind: 'BikeList', plural: 'bikes', singular: 'bike' },
      versions: [
        { name: 'v1', served: true, storage: true, subresources: { scale: { specReplicasPath: '.spec.seats' } } },
      ],
    },
  });
  expect(customResourceOf(Bike)).toMatchObject({ apiVersion: 'example.com/v1', namespaced: false, singular: 'bike' });
});

test('a class that is not a custom resource has no CRD', () => {
  expect(() => crdOf(BikeSpec)).toThrow('BikeSpec has no @CustomResource');
});

test('a declared custom validator appears in the schema', () => {
  const IsEven = () => (target: object, propertyName: string) =>
    registerDecorator({
      name: 'isEvenForTest',
      target: target.constructor,
      propertyName,
      validator: { validate: (value) => typeof value === 'number' && value % 2 === 0 },
    });
  class Shoes {
    @IsEven()
    count!: number;
  }
  expect(() => schemaOf(Shoes)).toThrow('Shoes.count: the rule isEvenForTest has no counterpart');
  declareRule('isEvenForTest', () => ({ type: 'integer', multipleOf: 2 }));
  expect(schemaOf(Shoes).properties?.count).toEqual({ type: 'integer', multipleOf: 2 });
});

test('a rule that no schema can express is an error that names class, field and rule', () => {
  class WithDate {
    @IsDate()
    when!: Date;
  }
  expect(() => schemaOf(WithDate)).toThrow('WithDate.when: the rule isDate has no counterpart');

  class WithCondition {
    @ValidateIf(() => true)
    @IsString()
    text!: string;
  }
  expect(() => schemaOf(WithCondition)).toThrow(
    'WithCondition.text: the rule conditionalValidation has no counterpart',
  );

  class WithFlags {
    @IsString()
    @Matches(/a/i)
    text!: string;
  }
  expect(() => schemaOf(WithFlags)).toThrow('WithFlags.text: /a/i has flags');

  class WithLookahead {
    @IsString()
    @Matches(/^(?!a)/)
    text!: string;
  }
  expect(() => schemaOf(WithLookahead)).toThrow('WithLookahead.text: /^(?!a)/ has a lookahead or lookbehind');

  class WithPlaceholder {
    @IsString()
    @Matches(/^a/, { message: '$property must start with a' })
    text!: string;
  }
  expect(() => schemaOf(WithPlaceholder)).toThrow('WithPlaceholder.text: the message of matches has a placeholder');

  class WithoutType {
    @IsOptional()
    @Default(1)
    any?: unknown;
  }
  expect(() => schemaOf(WithoutType)).toThrow('WithoutType.any has no type');

  class ListWithoutType {
    @IsArray()
    list!: string[];
  }
  expect(() => schemaOf(ListWithoutType)).toThrow('ListWithoutType.list has no type');

  class WithoutRules {
    @IsString()
    text!: string;
    forgotten = '';
  }
  expect(() => schemaOf(WithoutRules)).toThrow('WithoutRules.forgotten has no rules');

  class WithoutClass {
    @ValidateNested()
    part!: object;
  }
  expect(() => schemaOf(WithoutClass)).toThrow('WithoutClass.part has @ValidateNested but no class');
});

test('repeated descriptions are written once to keep the CRD small', () => {
  const part = (description: string, size: string): JsonSchema => ({
    description,
    type: 'object',
    properties: { size: { type: 'string', description: size } },
  });
  const once = describedOnce({
    type: 'object',
    properties: {
      a: part('First.', 'How big.'),
      b: { ...part('Second.', 'How big.'), default: {} },
      c: part('Third.', 'How tall.'),
    },
  });
  expect(once).toEqual({
    type: 'object',
    properties: {
      a: part('First.', 'How big.'),
      b: { description: 'Second.', default: {}, type: 'object', properties: { size: { type: 'string' } } },
      c: part('Third.', 'How tall.'),
    },
  });
});
