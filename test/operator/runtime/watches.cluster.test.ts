import { Type } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import {
  Controller,
  CustomResource,
  Int32,
  type KubernetesObject,
  OnAdded,
  OnModified,
  type ReconcileContext,
  type ResourceEvent,
  type StoredObject,
} from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { PlainCluster } from '../../support/plain-cluster.ts';

class BoxSpec {
  @IsOptional()
  @Int32()
  size?: number;
}

@CustomResource({ group: 'boxes.dev', version: 'v1', kind: 'Box', plural: 'boxes', scope: 'Namespaced', status: true })
class Box {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => BoxSpec)
  spec!: BoxSpec;
}

type Note = KubernetesObject & { data?: Record<string, string> };

@Controller({
  resource: Box,
  finalizer: 'boxes.dev/finalizer',
  watches: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      labelSelector: 'boxes.dev/note',
      toPrimary: ({ metadata }) => metadata.labels?.['boxes.dev/box'],
    },
  ],
})
class BoxController {
  static answers = 0;

  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Box>) {
    await context.apply();
    for (const { metadata, data } of context.watched<Note>('ConfigMap')) {
      if (data?.text !== 'hello') continue;
      BoxController.answers++;
      const path = '/data/text';
      await context.patchWatched('ConfigMap', metadata.name, [
        { op: 'test', path, value: 'hello' },
        { op: 'replace', path, value: 'hello, too' },
      ]);
    }
    const notes = context.watched<Note>('ConfigMap').map(({ metadata, data }) => `${metadata.name}: ${data?.text}`);
    const live = await context.listLive<Note>({ apiVersion: 'v1', kind: 'ConfigMap' }, 'boxes.dev/note');
    return { status: { notes: notes.sort().join(', '), live: live.map(({ metadata }) => metadata.name).join(', ') } };
  }
}

test('handlers read watched objects and run again on every change of them', async () => {
  await using plain = await PlainCluster.serving(Box);
  const note = (name: string, box: string, text: string, labels: object = { 'boxes.dev/note': '' }) =>
    plain.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default', labels: { 'boxes.dev/box': box, ...labels } },
      data: { text },
    });
  const statusOf = async (name: string) => (await plain.get('box', name))?.status;
  await note('early', 'one', 'a');
  await plain.operate('boxer', BoxController);
  for (const name of ['one', 'two']) {
    await plain.apply({ apiVersion: 'boxes.dev/v1', kind: 'Box', metadata: { name, namespace: 'default' }, spec: {} });
  }
  const says = (name: string, notes: string) =>
    eventually(async () => (await statusOf(name))?.notes === notes, { what: `${name} says "${notes}"` });
  await says('one', 'early: a');
  await says('two', '');
  await note('late', 'two', 'b');
  await says('two', 'late: b');
  // What is there, whomever it belongs to.
  expect((await statusOf('two'))?.live).toBe('early, late');
  await note('late', 'two', 'c');
  await says('two', 'late: c');
  // It belongs to another now.
  await note('late', 'one', 'c');
  await says('one', 'early: a, late: c');
  await says('two', '');
  // The handler answers, and sees its answer.
  await note('late', 'one', 'hello');
  await says('one', 'early: a, late: hello, too');
  expect(BoxController.answers).toBe(1);
  await note('late', 'one', 'c');
  await plain.kubectl(['delete', 'configmap', 'early']);
  await says('one', 'late: c');
  await plain.kubectl(['label', 'configmap', 'late', 'boxes.dev/note-']);
  await says('one', '');
});
