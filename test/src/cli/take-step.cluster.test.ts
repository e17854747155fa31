import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../../../operator/index.ts';
import { OutdatedStatusError } from '../../../src/cli/outdated-status-error.ts';
import { pauseStep } from '../../../src/cli/release-step.ts';
import { takeStep } from '../../../src/cli/take-step.ts';
import type { Call } from '../../../src/cli/verb.ts';
import { Lifetime } from '../../../src/terminal/lifetime.ts';
import { Screen } from '../../../src/terminal/screen.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { blueGreen } from '../blue-green/support.ts';

let world: OperatorCluster;
let client: ApiClient;
beforeAll(async () => {
  world = await OperatorCluster.start();
  client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'test' });
});
afterAll(async () => {
  await client?.close();
  await world?.[Symbol.asyncDispose]();
});

/** A call of `kubectl restapi … NAME` that collects its output. */
function call(name: string, printed: string[] = []): Call {
  const output = { write: (text: string) => printed.push(text) };
  return {
    args: [name],
    flags: {},
    screen: new Screen(output, {}),
    lifetime: new Lifetime(),
    connect: () => ({ client, namespace: 'default' }),
  };
}

test('reads a RestAPI again that changed in between, before it writes', async () => {
  await world.apply(blueGreen('busy'));
  const seen: (string | undefined)[] = [];
  await takeStep(call('busy'), async (api) => {
    seen.push(api.metadata.annotations?.other);
    if (seen.length === 1) await world.kubectl('annotate', 'restapi', 'busy', 'other=here');
    return pauseStep(api, true);
  });
  expect(seen).toEqual([undefined, 'here']);
  expect((await world.restapi('busy'))?.spec.blueGreen?.paused).toBe(true);
});

test('waits until the operator has reconciled the latest change, before it decides', async () => {
  await world.apply(blueGreen('late'));
  let tries = 0;
  const observed = JSON.stringify({ status: { observedGeneration: 1 } });
  await takeStep(call('late'), async (api) => {
    tries += 1;
    if (api.status?.observedGeneration === api.metadata.generation) return pauseStep(api, true);
    setTimeout(
      () => void world.kubectl('patch', 'restapi', 'late', '--subresource=status', '--type=merge', '-p', observed),
      500,
    );
    throw new OutdatedStatusError(api);
  });
  expect(tries).toBe(2);
  expect((await world.restapi('late'))?.spec.blueGreen?.paused).toBe(true);
});

test('says that the operator does not reconcile', async () => {
  await world.apply(blueGreen('ignored'));
  const taken = takeStep(call('ignored'), (api) => Promise.reject(new OutdatedStatusError(api)));
  await expect(taken).rejects.toThrow(
    'has not reconciled the latest change of RestAPI default/ignored. Check that it is running',
  );
});

test('does not change a RestAPI that was created again under the same name', async () => {
  await world.apply(blueGreen('gone'));
  let first = true;
  const taken = takeStep(call('gone'), async (api) => {
    if (first) {
      await world.kubectl('delete', 'restapi', 'gone');
      await world.apply(blueGreen('gone'));
    }
    first = false;
    return pauseStep(api, true);
  });
  await expect(taken).rejects.toThrow(/was deleted and created again/);
  expect((await world.restapi('gone'))?.spec.blueGreen?.paused).toBe(false);
});

test('writes nothing if the change is already in effect', async () => {
  await world.apply(blueGreen('calm', { paused: true }));
  const before = (await world.restapi('calm'))?.metadata.resourceVersion;
  const printed: string[] = [];
  expect(await takeStep(call('calm', printed), (api) => pauseStep(api, true))).toBe(0);
  expect(printed.join('')).toContain('already requested, nothing changed');
  expect((await world.restapi('calm'))?.metadata.resourceVersion).toBe(before);
});
