import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { FrontObserver } from '../../support/front-observer.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';

/** Pods with this annotation need five seconds to start. */
const SLOW = { 'pod-ready.stage.kwok.x-k8s.io/delay': '5s' };
const OFF = { enabled: false };

let world: OperatorCluster;
let observer: FrontObserver;
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 2, audit: false });
  await world.startOperator();
  observer = await FrontObserver.start(world);
});
afterAll(async () => {
  await observer?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

/** Applies the specs one after the other, until the front Service selects `entry`. */
async function runThrough(name: string, specs: object[], entry: string): Promise<void> {
  for (const spec of specs) {
    await world.apply(sample(name, spec));
    await world.untilReady(name);
  }
  // A moment later than the pods of the entry are ready, it is behind its Service as well.
  await eventually(async () => (await selected(name)) === entry, { what: `the front leads to ${entry}` });
  await observer.settle();
  expect(observer.hasServed('default', name)).toBe(true);
  expect(observer.outages.filter(({ front }) => front === `default/${name}`)).toEqual([]);
}

async function selected(name: string): Promise<string | undefined> {
  const front = await world.get<{ spec: { selector: Record<string, string> } }>('service', name);
  return front?.spec.selector['restapi.dev/component'];
}

test('a view that needs 5 s to start is enabled and disabled without a moment without a ready endpoint', async () => {
  const view = { podAnnotations: SLOW };
  const specs = [{ view: { ...view, ...OFF } }, { view }, { view: { ...view, ...OFF } }];
  await runThrough('enabled', specs, 'controller');
  await runThrough('enabled', [{ view }], 'view');
});

test('a controller that needs 5 s to start takes the place of the view without such a moment', async () => {
  const controller = { podAnnotations: SLOW };
  const specs = [{ controller: { ...controller, ...OFF } }, { controller, view: OFF }];
  await runThrough('replaced', specs, 'controller');
  expect(await world.get('deployment', 'replaced-view')).toBe(undefined);
});
