import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'class-transformer';
import { IsString, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import {
  Controller,
  CustomResource,
  OnAdded,
  OnModified,
  Operator,
  type ReconcileContext,
  type ResourceEvent,
  type StoredObject,
} from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { LogTail } from '../../support/log-tail.ts';
import { PlainCluster } from '../../support/plain-cluster.ts';

class ErrandSpec {
  @IsString()
  does!: string;
}

@CustomResource({
  group: 'errands.dev',
  version: 'v1',
  kind: 'Errand',
  plural: 'errands',
  scope: 'Namespaced',
  status: true,
})
class Errand {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => ErrandSpec)
  spec!: ErrandSpec;
}

/** Lets every hanging handler return. */
let release: () => void = () => {};

@Controller({ resource: Errand, finalizer: 'errands.dev/finalizer' })
class ErrandController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, { primary }: ReconcileContext<Errand>) {
    if (primary.spec.does === 'hang') {
      // As a call without a deadline does: it ignores the signal.
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    }
    return { status: { done: primary.spec.does } };
  }
}

test('D14: a handler that never returns is logged and counted, fails /healthz, and delays no other resource', async () => {
  await using plain = await PlainCluster.serving(Errand);
  const log = new LogTail();
  const operator = new Operator({
    name: 'errands',
    kubeConfig: plain.cluster.kubeConfig,
    logger: log.loggerOf('operator'),
    controllers: [ErrandController],
    healthAddress: '127.0.0.1:0',
    queue: { runTimeoutMs: 500, stuckAfterMs: 1_500 },
    unhealthyAfterMs: 2_000,
  });
  await operator.start();
  try {
    const errand = (name: string, does: string) =>
      plain.apply({ apiVersion: 'errands.dev/v1', kind: 'Errand', metadata: { name }, spec: { does } });
    const metric = async (name: string) => {
      const text = await operator.metrics.registry.metrics();
      return Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1]);
    };
    const healthz = async () => fetch(`http://127.0.0.1:${operator.healthPort}/healthz`);
    const done = async (name: string) => (await plain.get('errand', name))?.status?.done;

    await errand('stuck', 'hang');
    await eventually(async () => (await metric('operator_reconcile_errors_total')) >= 1, { what: 'it is counted' });
    expect(log.toString()).toMatch(/default\/stuck.*500 ms/);
    await eventually(async () => (await metric('operator_workqueue_stuck_runs')) === 1, { what: 'it is stuck' });

    await errand('other', 'finish');
    await eventually(async () => (await done('other')) === 'finish', { what: 'another resource is reconciled' });

    // A restart helps, so the kubelet is asked for one, with the reason.
    await eventually(async () => (await healthz()).status === 503, { what: '/healthz fails' });
    expect(await (await healthz()).text()).toContain('default/stuck');

    // A handler that returns after all: everything is well again, and the resource can be deleted.
    await errand('stuck', 'finish');
    release();
    await eventually(async () => (await done('stuck')) === 'finish', { what: 'it is reconciled after all' });
    await eventually(async () => (await healthz()).status === 200, { what: '/healthz is well' });
    await plain.kubectl(['delete', 'errand', 'stuck', '--timeout=60s']);
  } finally {
    release();
    await sleep(50);
    await operator.stop(500);
  }
});
