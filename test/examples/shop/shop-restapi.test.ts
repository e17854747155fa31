import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMPONENTS, readSettings } from '../../../examples/shop/src/settings.ts';
import { validateResource } from '../../../operator/schema/validate-resource.ts';
import { RestAPI } from '../../../resources/index.ts';
import { componentEnvironment } from '../../../resources/templates/component-environment.ts';
import { packageRoot } from '../../../src/package/package-root.ts';

const read = (...path: string[]) => readFile(join(packageRoot(), ...path), 'utf8');

/** The defaults that the API server fills in for a component. */
async function defaultsOf(component: string): Promise<Record<string, { default: unknown }>> {
  const crd = parse(await read('crds', 'restapis.restapi.dev.yaml'));
  return crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties[component].properties;
}

test('the RestAPI of the README, the sample and the example have the same image', async () => {
  for (const file of ['README.md', 'kustomize/sample/shop.yaml', 'examples/shop/restapi.yaml']) {
    expect(await read(file), file).toContain('  image: registry.example.com/shop:1.0.0\n');
  }
});

test('the RestAPI of the example is valid', async () => {
  expect(validateResource(RestAPI, parse(await read('examples', 'shop', 'restapi.yaml')))).toEqual([]);
});

test('with the variables that the operator sets, each component finds the next', async () => {
  const api = Object.assign(new RestAPI(), parse(await read('examples', 'shop', 'restapi.yaml'))) as RestAPI;
  for (const component of COMPONENTS) {
    const port = (await defaultsOf(component)).port?.default;
    Object.assign(api.spec, { [component]: { ...api.spec[component], enabled: true, port } });
  }
  const environment = { name: 'green' as const, api, replicas: {}, referenceHashes: {} };
  const settings = COMPONENTS.map((component) => {
    const variables = componentEnvironment(environment, component);
    return readSettings(Object.fromEntries(variables.map(({ name, value }) => [name, value])));
  });
  expect(settings.map(({ component, port, next }) => [component, port, next?.url])).toEqual([
    ['view', 3000, 'http://shop-controller-green:8081'],
    ['controller', 8081, 'http://shop-model-green:8080'],
    ['model', 8080, 'http://shop-repository-green:8082'],
    ['repository', 8082, undefined],
  ]);
});

test('the defaults of the shop fit those of a RestAPI', async () => {
  const { dataFolder, drain } = readSettings({ COMPONENT: 'repository' });
  const { storage, terminationGracePeriodSeconds, drainSeconds } = await defaultsOf('repository');
  expect(dataFolder).toBe(
    (storage as unknown as { properties: Record<string, { default: unknown }> }).properties.mountPath?.default,
  );
  const secondsAfterSigterm = Number(terminationGracePeriodSeconds?.default) - Number(drainSeconds?.default);
  // Two seconds for the last spans.
  expect(drain.graceMs / 1000 + 2).toBeLessThan(secondsAfterSigterm);
});
