import { expect, test } from 'vitest';
import { DEFAULT_HEALING, type RestAPI, revisionOf, specOf } from '../../../resources/index.ts';
import { stored } from './stored.ts';

const base = stored('registry.example.com/shop:1');

/** The same RestAPI with a change of its spec. */
function changed(change: (spec: RestAPI['spec']) => void): RestAPI {
  const copy = structuredClone(base);
  change(copy.spec);
  return copy;
}

const NAME = revisionOf(base, {}).name;

test.each<[what: string, change: (spec: RestAPI['spec']) => void]>([
  ['replicas', (spec) => (spec.replicas = 7)],
  ['replicas of a component', (spec) => (spec.model.replicas = 7)],
  ['how a component is reached', (spec) => (spec.model.service = { type: 'NodePort' })],
  ['the host of the view', (spec) => (spec.view.expose = { host: 'shop.example.com' })],
  ['how releases are made', (spec) => (spec.blueGreen = undefined)],
  ['a field that says what would be so anyway', (spec) => (spec.model.probes = {})],
])('no release: %s', (_what, change) => {
  expect(revisionOf(changed(change), {}).name).toBe(NAME);
});

test.each<[what: string, change: (spec: RestAPI['spec']) => void]>([
  ['the image', (spec) => (spec.image = 'registry.example.com/shop:2')],
  ['variables', (spec) => (spec.envVars = { A: 'b' })],
  ['a port, of which all are told', (spec) => (spec.model.port = 9090)],
  ['a component that is switched off', (spec) => (spec.view.enabled = false)],
  ['resources', (spec) => (spec.model.resources = { limits: { cpu: '1' } })],
])('a release: %s', (_what, change) => {
  expect(revisionOf(changed(change), {}).name).not.toBe(NAME);
});

test('healing is no part of a revision', () => {
  const healing = { ...DEFAULT_HEALING, maxActions: 1 };
  const { data } = revisionOf(
    changed((spec) => (spec.healthCheck = { path: '/well', healing })),
    {},
  );
  expect(data.spec.healthCheck).toEqual({ path: '/well' });
});

test('a release: a Secret that has changed', () => {
  expect(revisionOf(base, { model: 'other' }).name).not.toBe(NAME);
});

test('an environment has what it was released with, and what needs no release as it is today', () => {
  const { data } = revisionOf(base, {});
  const today = changed((spec) => {
    spec.image = 'registry.example.com/shop:2';
    spec.model.replicas = 7;
  });
  const spec = specOf(data, today.spec);
  expect(spec.image).toBe(base.spec.image);
  expect(spec.model.replicas).toBe(7);
});
