import { expect, test } from 'vitest';
import { schemaOf } from '../../../operator/index.ts';
import { DEFAULT_HEALING, REMEMBERED_ACTIONS, RestAPI } from '../../../resources/index.ts';

const { spec } = schemaOf(RestAPI).properties ?? {};
const fields = spec?.properties?.healthCheck?.properties?.healing?.properties ?? {};

test('a RestAPI that says nothing of healing is healed as one that says {}', () => {
  const defaults = Object.entries(fields).map(([name, schema]) => [name, schema.default]);
  expect(Object.fromEntries(defaults)).toEqual(DEFAULT_HEALING);
});

test('no more actions may be allowed than are remembered, or the budget could not be kept', () => {
  expect(fields.maxActions?.maximum).toBeLessThanOrEqual(REMEMBERED_ACTIONS);
});
