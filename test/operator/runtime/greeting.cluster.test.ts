import { Type } from 'class-transformer';
import { IsString, MaxLength, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import {
  Controller,
  CustomResource,
  type Dependent,
  DependentResource,
  dependentsOf,
  type KubernetesObject,
  OnAdded,
  OnDeleted,
  OnModified,
  type ReconcileContext,
  type ResourceEvent,
  ResourceEventType,
  type StoredObject,
} from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { PlainCluster } from '../../support/plain-cluster.ts';

/** An operator of somebody else's, written with the framework alone: no RestAPI anywhere. */
class GreetingSpec {
  @IsString()
  @MaxLength(100)
  text!: string;
}

@CustomResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Greeting',
  plural: 'greetings',
  scope: 'Namespaced',
  status: true,
})
class Greeting {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => GreetingSpec)
  spec!: GreetingSpec;
}

interface ConfigMap extends KubernetesObject {
  data: Record<string, string>;
}

@DependentResource(Greeting, { apiVersion: 'v1', kind: 'ConfigMap' })
class GreetingCard implements Dependent<Greeting, ConfigMap> {
  desired({ metadata, spec }: Greeting): ConfigMap {
    return { metadata: { name: `${metadata.name}-card` }, data: { text: spec.text } };
  }

  ready({ metadata }: StoredObject<ConfigMap>): true | string {
    return metadata.annotations?.signed === 'yes' || 'nobody has signed it yet';
  }
}

/** The same kind again, and only when the card is ready. */
@DependentResource(Greeting, { apiVersion: 'v1', kind: 'ConfigMap', dependsOn: [GreetingCard] })
class GreetingEnvelope implements Dependent<Greeting, ConfigMap> {
  desired({ metadata }: Greeting, decision: { stamp: string }): ConfigMap {
    return { metadata: { name: `${metadata.name}-envelope` }, data: { stamp: decision.stamp } };
  }
}

const events: string[] = [];

@Controller({ resource: Greeting, finalizer: 'example.com/finalizer' })
class GreetingController {
  @OnAdded()
  @OnModified()
  async reconcile({ type, meta }: ResourceEvent, context: ReconcileContext<Greeting>) {
    events.push(`${type} ${meta.name}`);
    const result = await context.apply({ stamp: '1 EUR' });
    return { status: { waitingFor: result.notReady.map(({ name, ready }) => `${name}: ${ready}`) } };
  }

  @OnDeleted()
  async cleanUp({ type, meta }: ResourceEvent, context: ReconcileContext<Greeting>) {
    events.push(`${type} ${meta.name}`);
    return { keepFinalizer: (await context.deleteDependents()) > 0 };
  }
}

test('importing a dependent registers it', () => {
  expect(dependentsOf(Greeting).map(({ dependentClass }) => dependentClass)).toEqual([GreetingCard, GreetingEnvelope]);
});

test('an operator built on the framework alone reconciles its resource', async () => {
  await using plain = await PlainCluster.serving(Greeting);
  await plain.operate('greeter', GreetingController);
  await plain.apply({
    apiVersion: 'example.com/v1',
    kind: 'Greeting',
    metadata: { name: 'hi', namespace: 'default' },
    spec: { text: 'Hello' },
  });
  const card = await eventually(() => plain.get('configmap', 'hi-card'));
  expect(card).toMatchObject({
    data: { text: 'Hello' },
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'greeter' } },
  });

  // The envelope waits for the card.
  await eventually(async () => (await plain.get('greeting', 'hi'))?.status);
  expect((await plain.get('greeting', 'hi'))?.status?.waitingFor).toEqual([
    'hi-card: nobody has signed it yet',
    'hi-envelope: waits for GreetingCard',
  ]);
  expect(await plain.get('configmap', 'hi-envelope')).toBeUndefined();
  await plain.kubectl(['annotate', 'configmap', 'hi-card', 'signed=yes']);
  expect((await eventually(() => plain.get('configmap', 'hi-envelope'))).data).toEqual({ stamp: '1 EUR' });
  await eventually(async () => String((await plain.get('greeting', 'hi'))?.status?.waitingFor) === '');

  expect(events[0]).toBe(`${ResourceEventType.Added} hi`);
  expect(events.slice(1).every((event) => event === `${ResourceEventType.Modified} hi`)).toBe(true);

  // Nobody collects garbage here: the finalizer's handler did it, the envelope before the card.
  await plain.kubectl(['delete', 'greeting', 'hi', '--timeout=60s']);
  expect(events.at(-1)).toBe(`${ResourceEventType.Deleted} hi`);
  expect(await plain.get('configmap', 'hi-card')).toBeUndefined();
  expect(await plain.get('configmap', 'hi-envelope')).toBeUndefined();
  const deletes = (await plain.cluster.auditEvents()).filter(
    ({ verb, objectRef }) => verb === 'delete' && objectRef?.resource === 'configmaps',
  );
  expect(deletes.map(({ objectRef }) => objectRef?.name)).toEqual(['hi-envelope', 'hi-card']);
});
