import { expect, test } from 'vitest';
import { silentLogger } from '../../../operator/log/logger.ts';
import { WorkGate } from '../../../operator/runtime/work-gate.ts';
import { eventually } from '../../support/eventually.ts';

function gateOf(prepare: (signal: AbortSignal) => Promise<void>) {
  const calls: string[] = [];
  const gate = new WorkGate({
    prepare,
    begin: () => calls.push('begin'),
    end: () => calls.push('end'),
    logger: silentLogger as never,
  });
  return { gate, calls };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('work begins after the preparation and ends as soon as the gate closes', async () => {
  const prepared = Promise.withResolvers<void>();
  const { gate, calls } = gateOf(() => prepared.promise);
  gate.open();
  await turn();
  expect(calls).toEqual([]);
  expect([gate.active, gate.isOpen]).toEqual([true, false]);
  prepared.resolve();
  await turn();
  expect(calls).toEqual(['begin']);
  gate.open();
  await turn();
  expect(calls).toEqual(['begin']);
  gate.close('enough');
  expect(calls).toEqual(['begin', 'end']);
  expect([gate.active, gate.isOpen]).toEqual([false, false]);
});

test('a gate that closes during its preparation never opens, even if the preparation succeeds', async () => {
  const prepared = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  const { gate, calls } = gateOf((signal) => {
    signals.push(signal);
    return prepared.promise;
  });
  gate.open();
  gate.close('another one leads');
  expect(signals[0]?.aborted).toBe(true);
  prepared.resolve();
  await turn();
  expect(calls).toEqual([]);
  // What is opened after that prepares anew.
  gate.open();
  await turn();
  expect(signals).toHaveLength(2);
  expect(calls).toEqual(['begin']);
});

test('a failed preparation is retried until it succeeds', async () => {
  let tries = 0;
  const { gate, calls } = gateOf(async () => {
    tries += 1;
    if (tries < 3) throw new Error('the API server is away');
  });
  gate.open();
  await eventually(() => calls.length > 0, { everyMs: 20 });
  expect(tries).toBe(3);
  expect(calls).toEqual(['begin']);
});
