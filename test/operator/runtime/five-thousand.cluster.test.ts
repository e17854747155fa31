import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'class-transformer';
import { IsString, MaxLength, ValidateNested } from 'class-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ApiClient,
  Controller,
  CustomResource,
  crdYaml,
  createLogger,
  customResourceOf,
  type Dependent,
  DependentResource,
  type KubernetesObject,
  OnAdded,
  OnModified,
  Operator,
  type ReconcileContext,
  type ResourceEvent,
  type StoredObject,
} from '../../../operator/index.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { type CpuStretches, measureCpuStretches } from '../../support/cpu-stretches.ts';
import { established } from '../../support/established.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';

const RESOURCES = 5_000;
const NAMESPACES = ['team-a', 'team-b', 'team-c', 'team-d'];
const LEASE = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced: true };
const NAMESPACE = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };

class NoteSpec {
  @IsString()
  @MaxLength(100)
  text!: string;
}

@CustomResource({ group: 'example.com', version: 'v1', kind: 'Note', plural: 'notes', scope: 'Namespaced' })
class Note {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => NoteSpec)
  spec!: NoteSpec;
}

interface ConfigMap extends KubernetesObject {
  data: Record<string, string>;
}

@DependentResource(Note, { apiVersion: 'v1', kind: 'ConfigMap' })
class NoteCard implements Dependent<Note, ConfigMap> {
  desired({ metadata, spec }: Note): ConfigMap {
    return { metadata: { name: `${metadata.name}-card` }, data: { text: spec.text } };
  }
}

@Controller({ resource: Note, finalizer: 'example.com/finalizer' })
class NoteController {
  /** Uids that were reconciled. */
  readonly handled = new Set<string>();

  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Note>) {
    await context.apply();
    expect(context.observed(NoteCard).length).toBeLessThanOrEqual(1);
    this.handled.add(context.primary.metadata.uid);
    return {};
  }
}

let cluster: ControlPlane;
let client: ApiClient;
beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0, audit: false });
  client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test', maxConcurrentRequests: 24 });
  await kubectl(cluster, ['create', '-f', '-'], crdYaml(Note));
  await established(cluster, 'notes.example.com');
  const type = customResourceOf(Note);
  for (const name of [...NAMESPACES, 'operators']) {
    await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await Promise.all(
    Array.from({ length: RESOURCES }, (_, i) => {
      const metadata = { name: `note-${i}`, namespace: NAMESPACES[i % NAMESPACES.length] as string };
      const note = { apiVersion: 'example.com/v1', kind: 'Note', metadata, spec: { text: `Hello ${i}` } };
      return client.create(type, note, { timeoutMs: 300_000 });
    }),
  );
});
afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

/** An operator that runs for leader. */
function operator(identity: string): { operator: Operator; controller: NoteController } {
  const controller = new NoteController();
  const made = new Operator({
    name: 'noter',
    kubeConfig: cluster.kubeConfig,
    logger: createLogger('error'),
    controllers: [controller],
    healthAddress: '127.0.0.1:0',
    leaderElection: { namespace: 'operators', name: 'noter', identity },
  });
  return { operator: made, controller };
}

/** What others saw while something went on. */
interface Seen extends CpuStretches {
  /** Answers of /healthz. */
  healthy: number;
  /** The longest time between two renewals of the Lease, milliseconds, as its renewTime says. */
  renewalGapMs: number;
}

/** Watches /healthz and the Lease from outside the event loop's own timers while `work` goes on. */
async function watched(health: () => number | undefined, work: () => Promise<void>): Promise<Seen> {
  const seen = { healthy: 0, renewalGapMs: 0 };
  let over = false;
  let renewedAt: number | undefined;
  const look = (async () => {
    while (!over) {
      const port = health();
      if (port !== undefined) {
        const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(10_000) });
        expect(await answer.text()).toBe('ok\n');
        seen.healthy++;
      }
      const lease = await client.get(LEASE, 'operators', 'noter').catch(() => undefined);
      const { renewTime } = ((lease as { spec?: { renewTime?: string } } | undefined)?.spec ?? {}) as {
        renewTime?: string;
      };
      if (renewTime) {
        const at = Date.parse(renewTime);
        if (renewedAt !== undefined) seen.renewalGapMs = Math.max(seen.renewalGapMs, at - renewedAt);
        renewedAt = at;
      }
      await sleep(200);
    }
  })();
  const ended = measureCpuStretches();
  try {
    await work();
  } finally {
    over = true;
  }
  const stretches = ended();
  await look;
  return { ...stretches, ...seen };
}

/** What must hold at any time: p99 and maximum of the loop's stretches, and that nothing else waited for it. */
function expectTurns(seen: Seen): void {
  expect(seen.p99Ms).toBeLessThan(100);
  expect(seen.maxMs).toBeLessThan(250);
  expect(seen.healthy).toBeGreaterThan(2);
  // The renew deadline is 10 s; two renewals are 2 s apart.
  expect(seen.renewalGapMs).toBeLessThan(8_000);
}

test('D8: with 5,000 resources the event loop is never blocked for long: on first start, restart and take-over', async () => {
  const first = operator('first');
  expectTurns(
    await watched(
      () => first.operator.healthPort,
      async () => {
        await first.operator.start();
        await eventually(() => first.controller.handled.size === RESOURCES, { timeoutMs: 400_000, everyMs: 100 });
      },
    ),
  );
  await first.operator.stop();

  const second = operator('second');
  const third = operator('third');
  expectTurns(
    await watched(
      () => second.operator.healthPort,
      async () => {
        await second.operator.start();
        await eventually(() => second.controller.handled.size === RESOURCES, { timeoutMs: 200_000, everyMs: 100 });
      },
    ),
  );
  expectTurns(
    await watched(
      () => third.operator.healthPort,
      async () => {
        await third.operator.start();
        await sleep(500);
        await second.operator.stop();
        await eventually(() => third.controller.handled.size === RESOURCES, { timeoutMs: 200_000, everyMs: 100 });
      },
    ),
  );
  expect(third.operator.leading).toBe(true);
  await third.operator.stop();
}, 900_000);
