import { describe, expect, test } from 'vitest';
import { COMPONENTS, type ComponentName, type EnvironmentName, type RestAPISpec } from '../../../resources/index.ts';
import { ModelCluster } from './model-cluster.ts';
import { stored } from './stored.ts';

const ORDER = ['view', 'controller', 'model', 'repository'] as const;

/** A cluster in which version `b` serves in green and `a` still has its pods in blue. */
function switched(settings: Partial<RestAPISpec['blueGreen']> = {}): ModelCluster {
  const cluster = new ModelCluster(stored('a', settings));
  work(cluster);
  release(cluster, 'b');
  work(cluster);
  expect(cluster.front?.environment).toBe('green');
  expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
  return cluster;
}

function release(cluster: ModelCluster, image: string, settings: Partial<RestAPISpec['blueGreen']> = {}): void {
  const { spec } = cluster.api;
  const blueGreen = { ...spec.blueGreen, ...settings } as RestAPISpec['blueGreen'];
  cluster.api = { ...cluster.api, spec: { ...spec, image, blueGreen } };
}

/** The operator and all controllers work until nothing is left to do but to wait. */
function work(cluster: ModelCluster): void {
  for (let round = 0; round < 10; round++) {
    cluster.run();
    cluster.settle();
  }
}

/** Replicas of an environment in the order of calls; empty if it has no Deployments. */
const replicas = (cluster: ModelCluster, environment: EnvironmentName) =>
  ORDER.flatMap((component) => cluster.environments[environment]?.[component]?.replicas ?? []);
const imagesInGreen = (cluster: ModelCluster) =>
  COMPONENTS.map((component) => cluster.environments.green?.[component]?.image);
const stopping = (cluster: ModelCluster, environment: EnvironmentName) =>
  cluster.api.status?.environments?.find(({ name }) => name === environment)?.stopping;

/** Lets the pods of one component end, and no others. */
function end(cluster: ModelCluster, environment: EnvironmentName, component: ComponentName): void {
  cluster.roll(environment, component);
}

/**
 * Runs the operator while the pods of one component after the other end, and checks that no component is stopped while
 * one before it has pods.
 */
function expectOrder(cluster: ModelCluster, environment: EnvironmentName): void {
  for (const [index, component] of ORDER.entries()) {
    const expected = ORDER.map((_, other) => (other <= index ? 0 : 2));
    cluster.run();
    expect(replicas(cluster, environment)).toEqual(expected);
    // Pods that are terminating still call the next component.
    cluster.run();
    cluster.now += 1_000;
    cluster.run();
    expect(replicas(cluster, environment)).toEqual(expected);
    expect(stopping(cluster, environment)).toMatchObject({
      component,
      message: `Waiting for 2 pods of ${component} to end`,
    });
    end(cluster, environment, component);
  }
}

describe('the components of an environment end in the order of calls', () => {
  test('of the old version, after the delay', () => {
    const cluster = switched();
    cluster.now += 30_000;
    expectOrder(cluster, 'blue');
    cluster.run();
    expect(stopping(cluster, 'blue')).toBeUndefined();
    expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
  });

  test('of a new version that is rejected', () => {
    const cluster = switched({ paused: false });
    cluster.now += 31_000;
    work(cluster);
    release(cluster, 'c', { paused: true });
    work(cluster);
    expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
    const annotations = { 'restapi.dev/reject': cluster.wanted().name };
    cluster.api = { ...cluster.api, metadata: { ...cluster.api.metadata, annotations } };
    cluster.run();
    expectOrder(cluster, 'blue');
  });

  test('when blue-green is turned off: then its objects are deleted', () => {
    const cluster = switched();
    cluster.now += 31_000;
    work(cluster);
    release(cluster, 'b', { enabled: false });
    work(cluster);
    expect(cluster.front?.environment).toBe('main');
    cluster.now += 31_000;
    expectOrder(cluster, 'green');
    cluster.run();
    expect(Object.keys(cluster.environments)).toEqual(['main']);
  });

  test('when blue-green is turned on: main ends in order, then its objects are deleted', () => {
    const cluster = new ModelCluster(stored('a', { enabled: false }));
    work(cluster);
    release(cluster, 'a', { enabled: true });
    work(cluster);
    cluster.now += 31_000;
    expectOrder(cluster, 'main');
    cluster.run();
    expect(Object.keys(cluster.environments)).toEqual(['blue']);
  });

  test('without a view, the controller is first', () => {
    const cluster = new ModelCluster(stored('a'));
    cluster.api.spec.view.enabled = false;
    work(cluster);
    release(cluster, 'b');
    work(cluster);
    cluster.now += 30_000;
    cluster.run();
    expect(cluster.environments.blue?.controller?.replicas).toBe(0);
    expect(cluster.environments.blue?.model?.replicas).toBe(2);
    expect(stopping(cluster, 'blue')).toMatchObject({ component: 'controller' });
  });

  test('but those of a release that was cancelled while it took the place of another end at once', () => {
    const cluster = new ModelCluster(stored('a', { paused: true }));
    work(cluster);
    release(cluster, 'b');
    work(cluster);
    release(cluster, 'c');
    // The operator is killed when some of the components are those of c.
    for (let writes = 0; new Set(imagesInGreen(cluster)).size < 2; writes++) cluster.run(writes);
    release(cluster, 'a');
    cluster.run();
    expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
    expect(COMPONENTS.map((component) => cluster.environments.green?.[component]?.pods[0]?.image)).toEqual(
      COMPONENTS.map(() => 'b'),
    );
  });

  test('before a newer version takes their environment', () => {
    const cluster = switched({ scaleDownDelaySeconds: 3_600 });
    release(cluster, 'c');
    expectOrder(cluster, 'blue');
    const images = () => COMPONENTS.map((component) => cluster.environments.blue?.[component]?.image);
    expect(images()).toEqual(['a', 'a', 'a', 'a']);
    expect(cluster.api.status?.release).toMatchObject({
      phase: 'Draining',
      message: expect.stringContaining('repository'),
    });
    cluster.run();
    expect(images()).toEqual(['c', 'c', 'c', 'c']);
    expect(cluster.api.status?.release?.phase).toBe('Preparing');
    work(cluster);
    expect(cluster.front?.environment).toBe('blue');
  });
});

describe('pods that do not end', () => {
  /** Terminating pods of a component never go, as on a lost node. */
  function stuck(cluster: ModelCluster, component: ComponentName): void {
    for (let round = 0; round < 10; round++) {
      cluster.run();
      for (const other of ORDER) if (other !== component) cluster.roll('blue', other);
    }
  }

  test('hold the others for their grace period and 30 s, and the status says so', () => {
    const cluster = switched();
    cluster.now += 30_000;
    cluster.run();
    expect(cluster.run().requeueAfterMs).toBe(60_000);
    cluster.now += 59_999;
    stuck(cluster, 'view');
    expect(replicas(cluster, 'blue')).toEqual([0, 2, 2, 2]);
    cluster.now += 1;
    cluster.run();
    expect(replicas(cluster, 'blue')).toEqual([0, 0, 2, 2]);
    expect(stopping(cluster, 'blue')).toMatchObject({
      component: 'controller',
      message: 'Waiting for 2 pods of controller to end; 2 pods of view did not end within 60 s',
    });
    stuck(cluster, 'view');
    expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
    expect(stopping(cluster, 'blue')?.message).toBe('2 pods of view did not end within 60 s');
    // It rests: the status does not change any more.
    const before = JSON.stringify(cluster.api.status);
    cluster.now += 600_000;
    expect(cluster.run().requeueAfterMs).toBeUndefined();
    expect(JSON.stringify(cluster.api.status)).toBe(before);
    // When the node is back they end.
    end(cluster, 'blue', 'view');
    cluster.run();
    expect(stopping(cluster, 'blue')).toBeUndefined();
  });

  test('do not hold the next release, nor the deletion of their environment', () => {
    const cluster = switched();
    cluster.now += 30_000;
    stuck(cluster, 'model');
    release(cluster, 'c');
    cluster.run();
    expect(cluster.api.status?.release?.phase).toBe('Draining');
    cluster.now += 60_000;
    stuck(cluster, 'model');
    expect(cluster.environments.blue?.view?.image).toBe('c');
  });
});
