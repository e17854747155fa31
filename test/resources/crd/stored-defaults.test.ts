import { expect, test } from 'vitest';
import { crdOf, type JsonSchema } from '../../../operator/index.ts';
import { RestAPI } from '../../../resources/index.ts';

const schema = crdOf(RestAPI).spec.versions[0]?.schema.openAPIV3Schema as JsonSchema;

/** Paths of the defaults that the API server stores, `[]` for a list element, `!` behind an object that is one value. */
function storedDefaults({ properties = {}, items, ...rest }: JsonSchema, path = ''): string[] {
  const value = rest.default;
  const kind = typeof value === 'object' ? ' (an object or list)' : '';
  const mark = rest['x-kubernetes-map-type'] === 'atomic' ? '!' : '';
  return [
    ...(value === undefined ? [] : [`${path}${kind}`]),
    ...Object.entries(properties).flatMap(([name, field]) => storedDefaults(field, `${path}${mark}.${name}`)),
    ...(items ? storedDefaults(items, `${path}[]`) : []),
  ];
}

// A default that is stored is merged with what is given later, or outlives the fields it was stored with.
test('the CRD stores no default of an object, of a list, within a list or within an object that is one value', () => {
  const stored = storedDefaults(schema);
  expect(stored.filter((path) => /[!()]|\[\]/.test(path))).toEqual([]);
  // Not empty, or the walk would see nothing.
  expect(stored).toContain('.spec.replicas');
  expect(stored).toContain('.spec.view.port');
});

test('the CRD stores defaults only where the presence of the object means nothing', () => {
  const parents = new Set(storedDefaults(schema).map((path) => path.slice(0, path.lastIndexOf('.'))));
  const components = ['model', 'view', 'controller', 'repository'].map((name) => `.spec.${name}`);
  // Blue-green releases are off by default, so what remains of a removed spec.blueGreen changes nothing.
  expect([...parents].sort()).toEqual(['.spec', '.spec.blueGreen', ...components].sort());
});
