import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import {
  Controller,
  CustomResource,
  type Dependent,
  DependentResource,
  OnAdded,
  Operator,
} from '../../../operator/index.ts';
import { checkKubeConfig } from '../../../operator/runtime/check-kube-config.ts';

@CustomResource({ group: 'pets.dev', version: 'v1', kind: 'Pet', plural: 'pets', scope: 'Namespaced' })
class Pet {}

class PetController {
  @OnAdded()
  async reconcile() {}
}

const finalizer = 'pets.dev/cleanup';

test('importing the framework is enough for the metadata that class-transformer reads', () => {
  expect(Reflect.getMetadata).toBeTypeOf('function');
});

test('a controller without handlers is rejected', () => {
  class Idle {}
  expect(() => Controller({ resource: Pet, finalizer })(Idle)).toThrow(
    /^Idle has no handler, so it would never be called: decorate a method with @OnAdded\(\) and @OnModified\(\)/,
  );
});

test('a controller that inherits its handlers is accepted', () => {
  class Special extends PetController {}
  expect(() => Controller({ resource: Pet, finalizer })(Special)).not.toThrow();
});

test.each(['cleanup', '', 'pets.dev/', '/cleanup', 'Pets.dev/cleanup', 'pets.dev/a/b'])(
  'the finalizer "%s" is rejected because it is not a qualified name',
  (name) => {
    expect(() => Controller({ resource: Pet, finalizer: name })(PetController)).toThrow(
      `PetController: finalizer "${name}" is not a qualified name: write your domain and a name, such as "pets.dev/cleanup"`,
    );
  },
);

test('an apiVersion without a version is rejected', () => {
  class PetHouse implements Dependent<Pet> {
    desired() {
      return undefined;
    }
  }
  expect(() => DependentResource(Pet, { apiVersion: 'apps', kind: 'Deployment' })(PetHouse)).toThrow(
    'PetHouse generates Deployment: apiVersion "apps" has no version: write group and version, such as "apps/v1"',
  );
  const watches = [{ apiVersion: 'discovery.k8s.io', kind: 'EndpointSlice', toPrimary: () => undefined }];
  expect(() => Controller({ resource: Pet, finalizer, watches })(PetController)).toThrow(
    'PetController: watches EndpointSlice: apiVersion "discovery.k8s.io" has no version',
  );
});

test('an operator without a kubeconfig does not start and says where it looked', async () => {
  const kubeConfig = new KubeConfig();
  // What loadFromDefault() makes up.
  kubeConfig.loadFromClusterAndUser({ name: 'cluster', server: 'http://localhost:8080' } as never, { name: 'user' });
  const { KUBECONFIG } = process.env;
  delete process.env.KUBECONFIG;
  try {
    await expect(new Operator({ kubeConfig }).start()).rejects.toThrow(
      /^No kubeconfig found: KUBECONFIG is not set, .*\/\.kube\/config does not exist, .* Set KUBECONFIG, or pass the option kubeConfig/,
    );
  } finally {
    if (KUBECONFIG !== undefined) process.env.KUBECONFIG = KUBECONFIG;
  }
});

test('client-node still makes up the cluster that is taken for a missing kubeconfig', () => {
  const env = { HOME: '/nonexistent' };
  const { KUBECONFIG, HOME } = process.env;
  delete process.env.KUBECONFIG;
  process.env.HOME = env.HOME;
  try {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    expect(() => checkKubeConfig(kubeConfig, env)).toThrow('/nonexistent/.kube/config does not exist');
  } finally {
    process.env.HOME = HOME;
    if (KUBECONFIG !== undefined) process.env.KUBECONFIG = KUBECONFIG;
  }
});
