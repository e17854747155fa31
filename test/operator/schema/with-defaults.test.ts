import { Type } from 'class-transformer';
import { IsArray, IsOptional, IsString, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import {
  Atomic,
  CustomResource,
  crdOf,
  Default,
  Description,
  Int32,
  type JsonSchema,
  MapOf,
  withDefaults,
  withoutDefaults,
} from '../../../operator/index.ts';

const AMOUNTS = {
  keys: { pattern: /^[a-z]+$/, message: 'is no resource' },
  values: { type: 'string' as const },
  maxProperties: 3,
};

class Amounts {
  @IsOptional()
  @MapOf(AMOUNTS)
  requests?: Record<string, string>;

  @IsOptional()
  @MapOf(AMOUNTS)
  limits?: Record<string, string>;
}

class Step {
  @IsString()
  name!: string;

  @Default(3)
  @Int32()
  tries!: number;
}

class Scaling {
  @Description('Most pods.')
  @Default(10)
  @Int32()
  max!: number;
}

class Part {
  @Default(80)
  @Int32()
  port!: number;

  @Description('What a pod may use.')
  @Default({ requests: { cpu: '1' }, limits: { cpu: '2' } })
  @ValidateNested()
  @Type(() => Amounts)
  resources!: Amounts;
}

class OvenSpec {
  @Default({})
  @ValidateNested()
  @Type(() => Part)
  part!: Part;

  @Atomic()
  @IsOptional()
  @ValidateNested()
  @Type(() => Scaling)
  scaling?: Scaling;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Step)
  steps?: Step[];
}

@CustomResource({ group: 'example.com', version: 'v1', kind: 'Oven', plural: 'ovens', scope: 'Cluster' })
class Oven {
  metadata!: object;

  @ValidateNested()
  @Type(() => OvenSpec)
  spec!: OvenSpec;
}

const filled = (spec: unknown) => (withDefaults(Oven, { metadata: {}, spec }) as { spec: unknown }).spec;
const RESOURCES = { requests: { cpu: '1' }, limits: { cpu: '2' } };

test('what is left out is filled in, at every depth and in lists', () => {
  expect(filled({})).toEqual({ part: { port: 80, resources: RESOURCES } });
  expect(filled({ part: { port: 1 }, scaling: {}, steps: [{ name: 'a' }, { name: 'b', tries: 1 }] })).toEqual({
    part: { port: 1, resources: RESOURCES },
    scaling: { max: 10 },
    steps: [
      { name: 'a', tries: 3 },
      { name: 'b', tries: 1 },
    ],
  });
});

test('what is given replaces the default as a whole, and null counts as left out', () => {
  const limits = { cpu: '3' };
  expect(filled({ part: { resources: { limits } } })).toEqual({ part: { port: 80, resources: { limits } } });
  expect(filled({ part: { resources: {} } })).toEqual({ part: { port: 80, resources: {} } });
  expect(filled({ part: { port: null, resources: null } })).toEqual({ part: { port: 80, resources: RESOURCES } });
});

test('the object that is given is not changed, and a complete one is returned itself', () => {
  const given = { metadata: {}, spec: { part: { port: 1 }, steps: [{ name: 'a' }] } };
  const copy = structuredClone(given);
  const once = withDefaults(Oven, given);
  expect(given).toEqual(copy);
  expect(withDefaults(Oven, once)).toBe(once);
  // A default is a copy as well.
  const other = withDefaults(Oven, given) as unknown as { spec: OvenSpec };
  (other.spec.part.resources.limits ?? {}).cpu = '9';
  expect(filled({})).toEqual({ part: { port: 80, resources: RESOURCES } });
});

test('values of a wrong type are left to the validation', () => {
  for (const spec of [null, 1, 'x', [], { part: 1, steps: 'x' }, { part: [], scaling: [1], steps: [null, 1] }])
    expect(() => withDefaults(Oven, { metadata: {}, spec })).not.toThrow();
  expect(withDefaults(Oven, undefined)).toBe(undefined);
});

test('what equals a default is removed, and nothing else', () => {
  const given = { metadata: {}, spec: { steps: [{ name: 'a' }], scaling: {} } };
  const all = withDefaults(Oven, given);
  expect(withoutDefaults(Oven, all)).toEqual(given);
  expect(all).toMatchObject({ spec: { part: { port: 80 }, scaling: { max: 10 } } });
  const limits = { cpu: '2' };
  for (const spec of [
    { part: { port: 81 } },
    { part: { resources: {} } },
    { part: { resources: { limits } }, steps: [{ name: 'a', tries: 0 }] },
  ]) {
    const other = { metadata: {}, spec };
    expect(withoutDefaults(Oven, withDefaults(Oven, other))).toEqual(other);
  }
});

test('the CRD stores only scalar defaults that cannot outlive what is given, and tells all of them', () => {
  const schema = crdOf(Oven).spec.versions[0]?.schema.openAPIV3Schema as JsonSchema;
  const { properties = {} } = schema.properties?.spec ?? {};
  const { part, scaling, steps } = properties;
  expect(part).not.toHaveProperty('default');
  expect(part?.properties?.port).toMatchObject({ default: 80, description: 'Default: 80.' });
  expect(part?.properties?.resources).not.toHaveProperty('default');
  expect(part?.properties?.resources?.description).toBe(
    'What a pod may use. Default: { requests: { cpu: "1" }, limits: { cpu: "2" } }.',
  );
  expect(scaling?.properties?.max).not.toHaveProperty('default');
  expect(scaling?.properties?.max?.description).toBe('Most pods. Default: 10.');
  expect(steps?.items?.properties?.tries).not.toHaveProperty('default');
});
