import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'class-transformer';
import { IsOptional, IsString, ValidateNested } from 'class-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ApiClient,
  Controller,
  CustomResource,
  type Dependent,
  DependentResource,
  type KubernetesObject,
  OnAdded,
  OnDeleted,
  OnModified,
  type ReconcileContext,
  type ResourceEvent,
  type ResourceType,
  type StoredObject,
} from '../../../operator/index.ts';
import type { AuditMark } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { PlainCluster } from '../../support/plain-cluster.ts';

class CardSpec {
  @IsOptional()
  @IsString()
  text?: string;
}

@CustomResource({ group: 'cards.dev', version: 'v1', kind: 'Card', plural: 'cards', scope: 'Namespaced', status: true })
class Card {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => CardSpec)
  spec!: CardSpec;
}

interface Note extends KubernetesObject {
  data?: Record<string, string>;
}

@DependentResource(Card, { apiVersion: 'v1', kind: 'ConfigMap' })
class CardNote implements Dependent<Card, Note> {
  desired({ metadata, spec }: Card): Note {
    return { metadata: { name: `${metadata.name}-note` }, data: { text: spec.text ?? 'hello' } };
  }
}

@Controller({ resource: Card, finalizer: 'cards.dev/finalizer' })
class CardController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Card>) {
    const result = await context.apply();
    const { conflicts, contended } = result;
    return {
      status: {
        notes: result.observed(CardNote).length,
        conflicts: conflicts.map(({ name, ready }) => `${name}: ${ready}`).join(),
        contended: contended.map(({ name, fields, who }) => `${name} ${fields} ${who}`).join(),
      },
    };
  }

  @OnDeleted()
  async remove(_event: ResourceEvent, context: ReconcileContext<Card>) {
    return { keepFinalizer: (await context.deleteDependents()) > 0 };
  }
}

const CONFIG_MAP: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

let plain: PlainCluster;
let client: ApiClient;
beforeAll(async () => {
  plain = await PlainCluster.serving(Card);
  client = new ApiClient({ kubeConfig: plain.cluster.kubeConfig, userAgent: 'fighter' });
});
afterAll(async () => {
  await client?.close();
  await plain?.[Symbol.asyncDispose]();
});

const card = (name: string, text: string) =>
  plain.apply({ apiVersion: 'cards.dev/v1', kind: 'Card', metadata: { name, namespace: 'default' }, spec: { text } });
const textOf = async (name: string) => (await plain.get('configmap', `${name}-note`))?.data?.text;
const statusOf = async (name: string) => (await plain.get('card', name))?.status as Record<string, string> | undefined;
/** Accepted writes of operators to objects with names that begin so. */
async function writes(mark: AuditMark, operator: string, name: string): Promise<string[]> {
  const events = await plain.cluster.auditSince(mark);
  return events
    .filter(({ verb, userAgent }) => userAgent?.startsWith(operator) && ['patch', 'delete', 'create'].includes(verb))
    .filter(({ objectRef, responseStatus }) => objectRef?.name?.startsWith(name) && (responseStatus?.code ?? 0) < 400)
    .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}${objectRef?.subresource ? '/status' : ''}`);
}
const contendedEvents = async () => {
  const printed = await plain.kubectl(['get', 'events.events.k8s.io', '-o', 'json']);
  const { items } = JSON.parse(printed) as { items: { reason: string; type: string; note: string }[] };
  return items.filter(({ reason }) => reason === 'Contended');
};

test('a client that reverts a field every time is named and repaired with growing delays until it stops', async () => {
  await plain.operate('carder', CardController);
  await card('fought', 'ours');
  await eventually(async () => (await textOf('fought')) === 'ours');
  const mark = await plain.cluster.auditMark();
  let stop = false;
  const fight = (async () => {
    for (; !stop; await sleep(10)) {
      const live = await client.get<Note>(CONFIG_MAP, 'default', 'fought-note');
      if (live.data?.text === 'theirs') continue;
      const patch = { data: { text: 'theirs' } };
      await client.mergePatch(CONFIG_MAP, 'default', 'fought-note', patch, { fieldManager: 'rival' });
    }
  })();
  try {
    await sleep(18_000);
    const made = await writes(mark, 'carder', 'fought-note');
    // Three at once, then after 5 s and after 10 s.
    expect(made.length).toBeGreaterThanOrEqual(4);
    expect(made.length).toBeLessThanOrEqual(5);
    expect(await statusOf('fought')).toMatchObject({ contended: 'fought-note data.text rival (Update)' });
    expect(await contendedEvents()).toMatchObject([
      {
        type: 'Warning',
        note: expect.stringContaining('rival (Update) keeps changing data.text of ConfigMap fought-note'),
      },
    ]);
    // A new description is no fight: it is written at once, though it is changed back.
    await card('fought', 'newer');
    await eventually(async () => (await writes(mark, 'carder', 'fought-note')).length > made.length, {
      // The next repair of the fight would come later.
      timeoutMs: 10_000,
    });
  } finally {
    stop = true;
    await fight;
  }
  await eventually(async () => (await textOf('fought')) === 'newer');
  const quiet = await plain.cluster.auditMark();
  await eventually(async () => (await contendedEvents()).some(({ type }) => type === 'Normal'), { timeoutMs: 150_000 });
  // Until then the status says that it goes on.
  await eventually(async () => (await statusOf('fought'))?.contended === '');
  expect(await writes(quiet, 'carder', 'fought-note')).toEqual([]);
  // The brake is off: the next change is put back at once.
  await plain.kubectl(['patch', 'configmap', 'fought-note', '--type=merge', '-p', '{"data":{"text":"again"}}']);
  await eventually(async () => (await textOf('fought')) === 'newer', { timeoutMs: 10_000 });
});

test('an object that another client keeps deleting is created with growing delays too', async () => {
  await card('deleted', 'ours');
  await eventually(async () => (await textOf('deleted')) === 'ours');
  const mark = await plain.cluster.auditMark();
  for (const end = Date.now() + 12_000; Date.now() < end; await sleep(20)) {
    await client.delete(CONFIG_MAP, 'default', 'deleted-note').catch(() => undefined);
  }
  const made = await writes(mark, 'carder', 'deleted-note');
  expect(made.length).toBeGreaterThanOrEqual(4);
  expect(made.length).toBeLessThanOrEqual(5);
  await eventually(async () => (await textOf('deleted')) === 'ours');
});

test('a second operator reports that another manages the objects, without contention (D12)', async () => {
  await card('shared', 'ours');
  await eventually(async () => (await textOf('shared')) === 'ours');
  const mark = await plain.cluster.auditMark();
  await plain.operate('rival', CardController);
  const conflict = /^shared-note: .*managed by operator carder/;
  await eventually(async () => conflict.test((await statusOf('shared'))?.conflicts ?? ''), { everyMs: 20 });
  await sleep(15_000);
  // Nobody touched what was generated; the one status that both write is braked.
  expect(await writes(mark, 'rival', 'shared-note')).toEqual([]);
  expect(await writes(mark, 'carder', 'shared-note')).toEqual([]);
  expect((await writes(mark, 'rival', 'shared')).length).toBeLessThan(9);
  expect((await writes(mark, 'carder', 'shared')).length).toBeLessThan(9);
  const { metadata } = (await plain.get('configmap', 'shared-note')) ?? {};
  expect(metadata?.labels?.['app.kubernetes.io/managed-by']).toBe('carder');
});
