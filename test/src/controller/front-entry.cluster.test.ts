import { afterAll, beforeAll, expect, test } from 'vitest';
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

/** Applies the specs one after the other. @returns what the front Service selects at last */
async function runThrough(name: string, specs: object[]): Promise<string | undefined> {
  for (const spec of specs) {
    await world.apply(sample(name, spec));
    await world.untilReady(name);
  }
  await observer.settle();
  expect(observer.hasServed('default', name)).toBe(true);
  expect(observer.outages.filter(({ front }) => front === `default/${name}`)).toEqual([]);
  const front = await world.get<{ spec: { selector: Record<string, string> } }>('service', name);
  return front?.spec.selector['restapi.dev/component'];
}

test('a view that needs 5 s to start is enabled and disabled without a moment without a ready endpoint', async () => {
  const view = { podAnnotations: SLOW };
  const specs = [{ view: { ...view, ...OFF } }, { view }, { view: { ...view, ...OFF } }];
  expect(await runThrough('enabled', specs)).toBe('controller');
  expect(await runThrough('enabled', [{ view }])).toBe('view');
});

test('a controller that needs 5 s to start takes the place of the view without such a moment', async () => {
  const controller = { podAnnotations: SLOW };
  const specs = [{ controller: { ...controller, ...OFF } }, { controller, view: OFF }];
  expect(await runThrough('replaced', specs)).toBe('controller');
  expect(await world.get('deployment', 'replaced-view')).toBe(undefined);
});
