import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMPONENTS, readSettings } from '../../../examples/shop/src/settings.ts';
import { validateResource, withDefaults } from '../../../operator/index.ts';
import { RestAPI } from '../../../resources/index.ts';
import { componentEnvironment } from '../../../resources/templates/component-environment.ts';
import { packageRoot } from '../../../src/package/package-root.ts';

const read = (...path: string[]) => readFile(join(packageRoot(), ...path), 'utf8');

/** The RestAPI of the example, with all defaults. */
async function example(): Promise<RestAPI> {
  return withDefaults(RestAPI, parse(await read('examples', 'shop', 'restapi.yaml')));
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
  const api = await example();
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
  const { repository } = withDefaults(RestAPI, { spec: { repository: { storage: {} } } } as RestAPI).spec;
  expect(dataFolder).toBe(repository.storage?.mountPath);
  const secondsAfterSigterm = repository.terminationGracePeriodSeconds - repository.drainSeconds;
  // Two seconds for the last spans.
  expect(drain.graceMs / 1000 + 2).toBeLessThan(secondsAfterSigterm);
});
