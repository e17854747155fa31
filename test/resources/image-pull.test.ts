import { expect, test } from 'vitest';
import { withDefaults } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import { defaultPullPolicy } from '../../resources/templates/image-pull-policy.ts';
import { podTemplate } from '../../resources/templates/pod-template.ts';
import { IMAGES } from './images.ts';

test.each(Object.entries(IMAGES))('the default of %s is %s', (image, policy) => {
  expect(defaultPullPolicy(image)).toBe(policy);
});

// Kubernetes computes the default when a Deployment is created, and keeps it when the image changes.
test('a pod template always has a pull policy: the given one, or the default of its own image', () => {
  const policyOf = (view: object) => {
    const spec = { image: 'shop:latest', view };
    const api = withDefaults(RestAPI, { metadata: { name: 'shop', namespace: 'default' }, spec } as unknown as RestAPI);
    const template = podTemplate({ name: 'main', api, replicas: {}, referenceHashes: {} }, 'view');
    return (template.spec as { containers: { imagePullPolicy?: string }[] }).containers[0]?.imagePullPolicy;
  };
  expect(policyOf({})).toBe('Always');
  expect(policyOf({ image: 'shop:1' })).toBe('IfNotPresent');
  expect(policyOf({ image: 'shop:1', imagePullPolicy: 'Never' })).toBe('Never');
});

test('an empty list of pull secrets counts as left out, as server-side apply makes it absent', () => {
  const secrets = (own: object) => {
    const spec = { image: 'shop', imagePullSecrets: [{ name: 'a' }], view: own };
    const api = withDefaults(RestAPI, { metadata: { name: 'shop', namespace: 'default' }, spec } as unknown as RestAPI);
    const template = podTemplate({ name: 'main', api, replicas: {}, referenceHashes: {} }, 'view');
    return (template.spec as { imagePullSecrets?: object[] }).imagePullSecrets;
  };
  expect(secrets({ imagePullSecrets: [] })).toEqual([{ name: 'a' }]);
  expect(secrets({ imagePullSecrets: [{ name: 'b' }] })).toEqual([{ name: 'b' }]);
});
