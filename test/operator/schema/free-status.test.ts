import { Type } from 'class-transformer';
import { IsOptional, IsString, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import { CustomResource, crdOf, validateResource } from '../../../operator/index.ts';

class GreetingSpec {
  @IsString()
  text!: string;
}

const GREETING = {
  group: 'example.com',
  version: 'v1',
  kind: 'Greeting',
  plural: 'greetings',
  scope: 'Namespaced',
  status: true,
} as const;

/** As in docs/tutorials/first-operator.md: no descriptions, and a status of which the class says nothing. */
@CustomResource(GREETING)
class Greeting {
  apiVersion!: string;
  kind!: string;
  metadata!: object;

  @ValidateNested()
  @Type(() => GreetingSpec)
  spec!: GreetingSpec;
}

@CustomResource(GREETING)
class Counted extends Greeting {
  @IsOptional()
  @ValidateNested()
  @Type(() => GreetingSpec)
  status?: GreetingSpec;
}

test('a class that does not declare its status may write any', () => {
  const [version] = crdOf(Greeting).spec.versions;
  expect(version?.subresources).toEqual({ status: {} });
  expect(version?.schema.openAPIV3Schema).toEqual({
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object', properties: { name: { type: 'string' } } },
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      spec: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
    },
  });
});

test('an invalid status does not make the resource invalid', () => {
  const counted = { metadata: { name: 'hi' }, spec: { text: 'Hello' } };
  for (const status of [null, [], 'x', { text: 1 }]) {
    expect(validateResource(Counted, { ...counted, status })).toEqual([]);
  }
});
