import { expect, test } from 'vitest';
import { doneEvent } from '../../../src/healing/healing-events.ts';
import { lastTerminationOf } from '../../../src/healing/last-termination.ts';
import { ALL, acts, holds, look } from './look.ts';
import { pod } from './objects.ts';

const well = pod('model', 'm-b', 'well');

test('H3: by default a crashing pod is kept, with its logs', () => {
  expect(holds(look({ pods: [pod('model', 'm-a', 'crashing'), well], spec: {} }))).toBe('NotAskedFor');
});

test('H3: the record of an action keeps how the container ended, as one line without control characters', () => {
  const healed = look({ pods: [pod('model', 'm-a', 'crashing'), well] });
  expect(acts(healed)).toBe('RestartPod m-a');
  if (healed.next !== 'act') return;
  expect(healed.record.lastTermination).toEqual({
    container: 'model',
    exitCode: 3,
    reason: 'Error',
    message: 'cannot reach db:5432 giving up',
  });
  expect(doneEvent(healed.record).note).toContain(
    'Container model last ended with exit code 3, Error: cannot reach db:5432 giving up',
  );
});

test('a restart of a component keeps it as well; there is none of a container that never ended', () => {
  const broken = [pod('model', 'm-a', 'crashing'), pod('model', 'm-b', 'crashing')];
  expect(look({ pods: broken, spec: ALL })).toMatchObject({
    record: { action: 'RestartComponent', lastTermination: { exitCode: 3 } },
  });
  const hanging = [pod('model', 'm-a', 'not ready'), pod('model', 'm-b', 'not ready')];
  expect(look({ pods: hanging, spec: ALL })).toMatchObject({ record: { action: 'RestartComponent' } });
  expect(look({ pods: hanging, spec: ALL })).not.toHaveProperty('record.lastTermination');
});

test('what is kept is bounded, however much the container wrote', () => {
  const terminated = { exitCode: 1, reason: 'R'.repeat(500), message: 'x\n'.repeat(2_000) };
  const status = { containerStatuses: [{ name: 'model', ready: false, state: { terminated } }] };
  const { reason = '', message = '' } = lastTerminationOf(status) ?? {};
  expect(reason.length).toBeLessThanOrEqual(64);
  expect(message.length).toBeLessThanOrEqual(512);
  expect(message).toMatch(/^[ x]+…$/);
});
