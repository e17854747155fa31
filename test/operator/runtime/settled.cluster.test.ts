import { Type } from 'class-transformer';
import { IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import {
  Controller,
  CustomResource,
  type Dependent,
  DependentResource,
  type KubernetesObject,
  OnAdded,
  OnModified,
  type ReconcileContext,
  type ResourceEvent,
  type StoredObject,
} from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { PlainCluster } from '../../support/plain-cluster.ts';

class BellSpec {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  tone?: string;
}

@CustomResource({ group: 'bells.dev', version: 'v1', kind: 'Bell', plural: 'bells', scope: 'Namespaced', status: true })
class Bell {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => BellSpec)
  spec!: BellSpec;
}

type Clapper = KubernetesObject & { data: Record<string, string> };

@DependentResource(Bell, { apiVersion: 'v1', kind: 'ConfigMap' })
class BellClapper implements Dependent<Bell, Clapper> {
  desired({ metadata, spec }: Bell): Clapper {
    return { metadata: { name: `${metadata.name}-clapper` }, data: { tone: spec.tone ?? 'a' } };
  }
}

const STRIKE = 'bells.dev/strike';
/** How long the handler has nothing to do after a run. */
const WAIT_MS = 8_000;

/** When the handler ran, in milliseconds, and what it met. */
const runs: { at: number; strike?: string }[] = [];
let last: ReconcileContext<Bell> | undefined;

@Controller({ resource: Bell, finalizer: 'bells.dev/finalizer' })
class BellController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Bell>) {
    const strike = context.primary.metadata.annotations?.[STRIKE];
    runs.push({ at: performance.now(), strike });
    last = context;
    await context.apply();
    if (strike === 'again, before it is over') context.requeue();
    return {
      status: { tone: context.primary.spec.tone },
      requeueAfterMs: WAIT_MS,
      removeAnnotations: strike === 'once' ? [STRIKE, 'bells.dev/never-there'] : [],
    };
  }
}

/** How long after the run before this one came. */
function waitBefore(index: number): number {
  return (runs[index]?.at ?? 0) - (runs[index - 1]?.at ?? 0);
}

test('until requeueAfterMs only real changes call the handler', async () => {
  await using plain = await PlainCluster.serving(Bell);
  const bell = (tone: string) => ({
    apiVersion: 'bells.dev/v1',
    kind: 'Bell',
    metadata: { name: 'big', namespace: 'default' },
    spec: { tone },
  });
  await plain.apply(bell('a'));
  await plain.operate('ringer', BellController);
  // The finalizer, the ConfigMap and the status are written, and all of it comes back as events. They neither call the
  // handler nor put its time off.
  await eventually(() => runs.length === 2);
  expect((await plain.get('bell', 'big'))?.status?.tone).toBe('a');
  expect(waitBefore(1)).toBeGreaterThanOrEqual(WAIT_MS);
  expect(last?.observed(BellClapper)).toHaveLength(1);

  // What is asked for aside is not taken for an echo, be it after a run or in it; and who asks always keeps nobody from
  // anything else.
  last?.requeue();
  await eventually(() => runs.length > 2);
  expect(waitBefore(2)).toBeLessThan(WAIT_MS);
  await plain.kubectl(['annotate', 'bell', 'big', `${STRIKE}=again, before it is over`]);
  await eventually(() => runs.length > 10, { timeoutMs: 6 * WAIT_MS });

  // What was asked for and is done is taken off, and the write of that is no news either.
  await plain.kubectl(['annotate', '--overwrite', 'bell', 'big', `${STRIKE}=once`, 'bells.dev/other=stays']);
  const once = await eventually(() => runs.findIndex(({ strike }) => strike === 'once') + 1);
  await eventually(() => runs.length === once + 1);
  expect(waitBefore(once)).toBeGreaterThanOrEqual(WAIT_MS);
  const { annotations } = (await plain.get('bell', 'big'))?.metadata ?? {};
  expect(annotations).not.toHaveProperty([STRIKE]);
  expect(annotations).toMatchObject({ 'bells.dev/other': 'stays' });

  // A child that is changed by somebody else is looked at at once.
  await plain.kubectl(['patch', 'configmap', 'big-clapper', '--type=merge', '-p', '{"data":{"tone":"wrong"}}']);
  await eventually(async () => (await plain.get('configmap', 'big-clapper'))?.data?.tone === 'a');
});
