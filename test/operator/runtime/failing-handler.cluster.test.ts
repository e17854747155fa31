import { Type } from 'class-transformer';
import { IsOptional, IsString, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import {
  Controller,
  CustomResource,
  createLogger,
  OnAdded,
  OnError,
  OnModified,
  Operator,
  type ReconcileContext,
  type ResourceEvent,
  type StoredObject,
} from '../../../operator/index.ts';
import { describeError } from '../../../operator/log/describe-error.ts';
import { eventually } from '../../support/eventually.ts';
import { PlainCluster } from '../../support/plain-cluster.ts';

class TaskSpec {
  @IsOptional()
  @IsString()
  does?: string;
}

@CustomResource({ group: 'tasks.dev', version: 'v1', kind: 'Task', plural: 'tasks', scope: 'Namespaced', status: true })
class Task {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => TaskSpec)
  spec!: TaskSpec;
}

@Controller({ resource: Task, finalizer: 'tasks.dev/finalizer' })
class TaskController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, { primary }: ReconcileContext<Task>) {
    if (primary.spec.does === 'throw') {
      throw new Error('the tax office did not answer', { cause: new Error('no route to 10.0.0.1') });
    }
    return { status: { problem: 'none' } };
  }

  @OnError()
  async failed(_event: ResourceEvent, { error }: ReconcileContext<Task>) {
    return { status: { problem: String(error) } };
  }
}

test('a handler that throws is reported by @OnError in the status and by an Event with its causes', async () => {
  await using plain = await PlainCluster.serving(Task);
  await plain.operate('worker', TaskController);
  const task = (does: string) =>
    plain.apply({
      apiVersion: 'tasks.dev/v1',
      kind: 'Task',
      metadata: { name: 'tax', namespace: 'default' },
      spec: { does },
    });
  await task('throw');
  await eventually(
    async () => (await plain.get('task', 'tax'))?.status?.problem === 'Error: the tax office did not answer',
  );
  const events = await eventually(async () => {
    const { items } = JSON.parse(await plain.kubectl(['get', 'events.events.k8s.io', '-o', 'json']));
    const ofTask = items.filter(({ regarding }: { regarding: { kind: string } }) => regarding.kind === 'Task');
    return ofTask.length > 0 && ofTask;
  });
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    type: 'Warning',
    reason: 'ReconcileFailed',
    regarding: { kind: 'Task', name: 'tax' },
    note: 'Reconciling failed 3 times in a row and will be retried: the tax office did not answer; caused by: no route to 10.0.0.1',
  });
  // It goes on as soon as the handler can.
  await task('work');
  await eventually(async () => (await plain.get('task', 'tax'))?.status?.problem === 'none');
});

test('D13: two controllers for one resource are rejected at construction', () => {
  @Controller({ resource: Task, finalizer: 'tasks.dev/other' })
  class OtherController {
    @OnAdded()
    async reconcile() {}
  }
  expect(() => new Operator({ logger: createLogger('error'), controllers: [TaskController, OtherController] })).toThrow(
    'TaskController and OtherController both reconcile tasks.tasks.dev',
  );
});

test('an error is described with its causes, none of them twice', () => {
  const inner = new Error('connection refused');
  const outer = new Error('POST /x failed', { cause: new AggregateError([inner, new Error('POST /x failed')], '') });
  expect(describeError(outer)).toBe('POST /x failed; caused by: AggregateError; caused by: connection refused');
  expect(describeError('text')).toBe('text');
});
