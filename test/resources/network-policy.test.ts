import { expect, test } from 'vitest';
import {
  type COMPONENTS,
  ComponentNetworkPolicy,
  type Environment,
  plainDecision,
  type RestAPI,
} from '../../resources/index.ts';
import { stored } from '../src/blue-green/stored.ts';

/** A RestAPI without these components. */
function without(...disabled: (typeof COMPONENTS)[number][]): RestAPI {
  const api = stored('a', { enabled: false });
  for (const component of disabled) api.spec[component].enabled = false;
  return api;
}

/** The components that accept connections from anywhere. */
function open(api: RestAPI, environments: Environment[] = plainDecision(api).environments): string[] {
  const policies = new ComponentNetworkPolicy().desired(api, { ...plainDecision(api), environments });
  return policies
    .filter(({ spec }) => spec.ingress.some((rule) => !('from' in rule)))
    .map(({ metadata }) => String(metadata?.name));
}

test('only the entry component accepts connections from anywhere', () => {
  expect(open(without())).toEqual(['shop-view']);
  expect(open(without('view'))).toEqual(['shop-controller']);
  expect(open(without('view', 'controller'))).toEqual(['shop-model']);
});

test('while a release moves the entry, the entries of both environments do', () => {
  const environment = (name: Environment['name'], api: RestAPI) => ({ name, api, replicas: {}, referenceHashes: {} });
  const environments = [environment('blue', without()), environment('green', without('view'))];
  expect(open(without('view'), environments).sort()).toEqual(['shop-controller', 'shop-view']);
});
