import { expect, test } from 'vitest';
import { withFields } from '../../../operator/reconcile/carried-fields.ts';

const object = { metadata: { name: 'a' }, spec: { replicas: 2, template: { a: 'b' } }, data: { large: 'text' } };

test.each<[what: string, path: string, value: unknown, expected: object]>([
  ['sets a field', 'spec.replicas', 5, { ...object, spec: { replicas: 5, template: { a: 'b' } } }],
  ['adds a field', 'spec.paused', true, { ...object, spec: { ...object.spec, paused: true } }],
  ['removes a field', 'data', undefined, { metadata: object.metadata, spec: object.spec }],
  ['adds no field on the way', 'status.replicas', 5, object],
])('%s', (_what, path, value, expected) => {
  const before = structuredClone(object);
  const changed = withFields(object, new Map([[path, value]]));
  expect(changed).toEqual(expected);
  expect(object).toEqual(before);
  // What is not on the way is not copied.
  if (path !== 'data') expect((changed as typeof object).data).toBe(object.data);
});
