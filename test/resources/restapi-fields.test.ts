import { describe, expect, test } from 'vitest';
import { type JsonSchema, schemaOf } from '../../operator/index.ts';
import { COMPONENTS, RestAPI } from '../../resources/index.ts';
import { fieldSections } from '../../src/tools/reference/field-sections.ts';
import { limitsOf, typeOf } from '../../src/tools/reference/field-type.ts';
import { restApiFields } from '../../src/tools/reference/restapi-fields.ts';

const text = restApiFields();

test('the reference describes every field of spec and status', () => {
  const described = (schema: JsonSchema): string[] =>
    Object.values(schema.properties ?? {}).flatMap((field) => [
      field.description ?? '',
      ...described(field.items ?? field),
    ]);
  const { spec = {}, status = {} } = schemaOf(RestAPI).properties ?? {};
  const shown = text.replaceAll('\\', '');
  expect([...described(spec), ...described(status)].filter((description) => !shown.includes(description))).toEqual([]);
});

test('every link of the reference leads to exactly one section', () => {
  const anchors = [...text.matchAll(/^## `(.+)`$/gm)].map(([, path = '']) =>
    path.toLowerCase().replace(/[^a-z0-9]/g, ''),
  );
  expect(new Set(anchors).size).toBe(anchors.length);
  expect([...text.matchAll(/\]\(#([^)]*)\)/g)].filter(([, anchor = '']) => !anchors.includes(anchor))).toEqual([]);
});

test('fields of all components are listed once, fields of one component under its name', () => {
  expect(text).toContain('| `spec.<component>.port` | integer | model: `8080`<br>view: `3000`<br>');
  expect(text).toContain('| `spec.view.expose.host` |');
  for (const component of COMPONENTS) expect(text).not.toContain(`| \`spec.${component}.port\` |`);
});

test('rows are marked as required, and rejections carry the path of the field', () => {
  const object: JsonSchema = {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string', 'x-kubernetes-validations': [{ rule: '', message: 'is bad' }] }, size: {} },
  };
  const [section] = fieldSections('spec', { type: 'object', properties: { a: { type: 'array', items: object } } });
  expect(section?.rows.map(({ path, required }) => [path, required])).toEqual([
    ['spec.a', false],
    ['spec.a[].name', true],
    ['spec.a[].size', false],
  ]);
  expect([...(section?.rejections ?? [])]).toEqual(['`spec.a[].name`: is bad']);
});

describe('types and limits', () => {
  test.each<[schema: JsonSchema, type: string, limits: string[]]>([
    [{ type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 }, 'integer', ['at least 1']],
    [{ type: 'integer', minimum: 1, maximum: 9 }, 'integer', ['1 to 9']],
    [{ type: 'string', enum: ['a', 'b'] }, 'string', ['`a`, `b`']],
    [{ type: 'string', format: 'date-time', maxLength: 64 }, 'timestamp', ['at most 64 characters']],
    [
      { type: 'array', maxItems: 2, items: { type: 'string', minLength: 1 } },
      'list of strings',
      ['at most 2 items', 'each item: at least 1 characters'],
    ],
    [
      { type: 'object', maxProperties: 3, additionalProperties: { type: 'string' } },
      'map of strings',
      ['at most 3 entries'],
    ],
  ])('%j', (schema, type, limits) => {
    expect(typeOf(schema)).toBe(type);
    expect(limitsOf(schema)).toEqual(limits);
  });
});
