import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLogger, Operator } from '../../../operator/index.ts';
import { type Fault, type FaultProxy, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { established } from '../../support/established.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIG_MAP, configMap, isResume, isStreamingList, QUICK, recorded } from './support.ts';
import { WIDGET, widget, widgetCrd } from './widget.ts';

/** Answers 200 with something that is not a list: nothing was deleted, the list failed. */
const FAULTS: [string, Fault][] = [
  ['a login page', { kind: 'login-page' }],
  ['an empty object', { kind: 'answer', status: 200, body: '{}\n' }],
  ['an empty answer', { kind: 'answer', status: 200, body: '' }],
  ['a Status', { kind: 'answer', status: 200, body: `${JSON.stringify({ kind: 'Status', status: 'Success' })}\n` }],
  [
    'a list without a version',
    { kind: 'answer', status: 200, body: JSON.stringify({ kind: 'ConfigMapList', items: [] }) },
  ],
];

let cluster: ControlPlane;
let proxy: FaultProxy;
let direct: ApiClient;
let client: ApiClient;

beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  proxy = await startFaultProxy(cluster.kubeConfig);
  direct = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  client = new ApiClient({ kubeConfig: proxy.kubeConfig, userAgent: 'test' });
  await direct.create(CONFIG_MAP, configMap('default', 'kept'));
});

afterEach(() => proxy.clearRules());

afterAll(async () => {
  await Promise.all([client?.close(), direct?.close()]);
  await proxy?.stop();
  await cluster?.stop();
});

describe.each(FAULTS)('D6: %s in place of a list', (_what, fault) => {
  it.each(['list', 'watch'] as const)('reports no deletion when a %s is answered this way', async (which) => {
    const run = recorded(client, { namespace: 'default' });
    await run.informer.synced(AbortSignal.timeout(60_000));
    const rules = [
      proxy.rule({ match: (r) => (which === 'watch' ? isResume(r) : !isResume(r)), fault }),
      // A list is needed.
      ...(which === 'list' ? [proxy.rule({ match: isResume, fault: { kind: 'answer', status: 410 } })] : []),
    ];
    proxy.killConnections();
    // A list leads to a new watch, in one stream where the server has that.
    await eventually(() => (rules[0]?.fired ?? 0) >= (which === 'list' ? 4 : 1), {
      what: 'some attempts',
      everyMs: 5,
    });
    if (which === 'list') {
      expect(run.informer.trouble?.reason).toBeDefined();
      expect(run.log.some((line) => line.startsWith('warn'))).toBe(true);
    }
    for (const rule of rules) rule.remove();
    await direct.apply(CONFIG_MAP, configMap('default', 'now', { at: String(performance.now()) }), {
      fieldManager: 'test',
      force: true,
    });
    await eventually(() => run.story().some((line) => line.endsWith(' now')), {
      what: 'it follows again',
      everyMs: 5,
    });
    await eventually(() => run.informer.trouble === undefined, { what: 'it works', everyMs: 5 });
    expect(run.story().filter((line) => line.startsWith('DELETED'))).toEqual([]);
    expect(run.informer.get('default', 'kept')).toBeDefined();
    await run.informer.stop();
    await direct.delete(CONFIG_MAP, 'default', 'now');
  });
});

it('does not sync the informer at its start', async () => {
  const rule = proxy.rule({ match: () => true, fault: { kind: 'login-page' } });
  const run = recorded(client, { namespace: 'default' });
  await eventually(() => rule.fired >= 4, { what: 'some attempts', everyMs: 5 });
  expect(run.informer.hasSynced).toBe(false);
  rule.remove();
  await run.informer.synced(AbortSignal.timeout(60_000));
  expect(run.informer.get('default', 'kept')).toBeDefined();
  await run.informer.stop();
});

it('D6: is not reported as deletions by watchResource()', async () => {
  const told: string[] = [];
  class Watcher extends Operator {
    protected override async init(): Promise<void> {
      await this.watchResource(WIDGET.group, WIDGET.version, WIDGET.plural, async ({ type, meta }) => {
        told.push(`${type} ${meta.name}`);
      });
    }
  }
  await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(widgetCrd) });
  await established(cluster, widgetCrd.metadata.name);
  await direct.create(WIDGET, widget('a'));
  const operator = new Watcher({ kubeConfig: proxy.kubeConfig, logger: createLogger('error'), informerTimings: QUICK });
  await operator.start();
  await eventually(() => told.length === 1, { what: 'the widget', everyMs: 5 });
  const lists = proxy.rule({ match: (r) => !r.watch || isStreamingList(r), fault: { kind: 'login-page' } });
  const watches = proxy.rule({ match: isResume, fault: { kind: 'login-page' } });
  proxy.killConnections();
  await eventually(() => lists.fired >= 4, { what: 'some attempts', everyMs: 5 });
  lists.remove();
  watches.remove();
  await direct.create(WIDGET, widget('b'));
  await eventually(() => told.length >= 2, { what: 'the next widget', everyMs: 5 });
  expect(told).toEqual(['ADDED a', 'ADDED b']);
  await operator.stop();
});
