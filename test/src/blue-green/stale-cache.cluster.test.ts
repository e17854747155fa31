import { expect, test } from 'vitest';
import { startFaultProxy } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { SafetyObserver } from './observer.ts';
import { App } from './support.ts';

const PATIENCE_MS = 60_000;

/** Watches whose events come late, all at once. */
class Late {
  held = false;
  readonly kinds = ['deployments', 'endpointslices', 'pods'];

  /** One for each stream. */
  rewrite(): (line: string) => string[] {
    const lines: string[] = [];
    return (line) => {
      lines.push(line);
      return this.held ? [] : lines.splice(0);
    };
  }
}

test(
  'an operator whose caches lag behind does not switch to what is no longer there',
  async () => {
    await using world = await OperatorCluster.start({ kwokNodes: 3 });
    await using proxy = await startFaultProxy(world.operatorConfig);
    const late = new Late();
    for (const kind of late.kinds) {
      proxy.rule({
        match: ({ watch, path }) => watch && path.endsWith(`/${kind}`),
        fault: { kind: 'rewrite-lines', rewrite: late.rewrite() },
      });
    }
    await world.spawnOperator({ kubeConfig: proxy.kubeConfig });
    const app = await App.start(world, 'shop', { paused: true });
    await using observer = await SafetyObserver.start(world, { namespace: 'default', name: 'shop', least: 2 });
    await app.image('2.0.0');
    await app.until('it is ready, and held', ({ release }) => release?.phase === 'Paused', PATIENCE_MS);

    late.held = true;
    await world.kubectl('delete', 'deployment', 'shop-model-green', '--cascade=foreground');
    await app.patch({ blueGreen: { paused: false } });
    await app.until('it is being promoted', ({ release }) => release?.phase === 'Promoting', PATIENCE_MS);
    // Were it not for the look at the API server itself, it would have switched in the same run.
    await world.kubectl('annotate', 'restapi', 'shop', 'look=again');
    await app.until('it waits', ({ release }) => /model \(not started\)/.test(release?.message ?? ''), PATIENCE_MS);
    expect(await app.selected('shop')).toBe('blue');

    late.held = false;
    for (const kind of late.kinds) {
      // A pod may end between being listed and being labelled.
      await eventually(() => world.kubectl('label', kind, '--all', 'news=of-it', '--overwrite'));
    }
    await app.untilActive('green', PATIENCE_MS);
    await eventually(async () => (await world.get('deployment', 'shop-model-green')) !== undefined);
    await observer.settle();
    expect(observer.violations).toEqual([]);
  },
  4 * PATIENCE_MS,
);
