import { Type } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import {
  Controller,
  CustomResource,
  Int32,
  OnAdded,
  OnModified,
  type ReconcileContext,
  type ResourceEvent,
  type StoredObject,
} from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { PlainCluster } from '../../support/plain-cluster.ts';

class JarSpec {
  @IsOptional()
  @Int32()
  size?: number;

  @IsOptional()
  @Int32()
  wakes?: number;
}

@CustomResource({ group: 'jars.dev', version: 'v1', kind: 'Jar', plural: 'jars', scope: 'Namespaced', status: true })
class Jar {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => JarSpec)
  spec!: JarSpec;
}

@Controller<Jar>({
  resource: Jar,
  finalizer: 'jars.dev/finalizer',
  indexes: { size: ({ spec }) => spec.size?.toString() },
})
class JarController {
  static runs: string[] = [];
  static found: string[] = [];
  static problem: unknown;

  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Jar>) {
    const { metadata, spec } = context.primary;
    JarController.runs.push(metadata.name);
    if (spec.wakes === undefined) return {};
    const jars = context.indexed('size', `${spec.wakes}`);
    JarController.found = jars.map((jar) => jar.metadata.name).sort();
    for (const jar of jars) context.requeueOther(jar);
    try {
      context.indexed('colour', 'red');
    } catch (error) {
      JarController.problem = error;
    }
    return {};
  }
}

test('a handler reads an index of all resources, and runs others again', async () => {
  await using plain = await PlainCluster.serving(Jar);
  const jar = (name: string, spec: object) =>
    plain.apply({ apiVersion: 'jars.dev/v1', kind: 'Jar', metadata: { name, namespace: 'default' }, spec });
  await jar('a', { size: 5 });
  await jar('b', { size: 5 });
  await jar('c', { size: 6 });
  await plain.operate('jars', JarController);
  await eventually(async () => new Set(JarController.runs).size === 3, { what: 'all ran' });
  await jar('b', { size: 6 });
  await jar('d', {});
  await eventually(async () => JarController.runs.includes('d'), { what: 'd ran' });
  JarController.runs = [];
  // Nothing about them has changed: only the request makes them run.
  await jar('waker', { wakes: 6 });
  await eventually(async () => ['b', 'c'].every((name) => JarController.runs.includes(name)), { what: 'b, c ran' });
  expect(JarController.found).toEqual(['b', 'c']);
  expect(JarController.runs).not.toContain('a');
  expect(String(JarController.problem)).toBe(
    'Error: JarController has no index colour: add it to the indexes of its @Controller',
  );
});
