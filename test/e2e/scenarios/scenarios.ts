import { expect } from 'vitest';
import type { KubernetesObject, StoredObject } from '../../../operator/index.ts';
import { COMPONENTS, type HorizontalPodAutoscaler } from '../../../resources/index.ts';
import type { Violation } from '../../src/blue-green/safety-monitor.ts';
import { type App, NEVER_READY, SLOWLY_READY } from '../../src/blue-green/support.ts';
import { playContainer } from '../../src/workload/play-container.ts';
import { eventually } from '../../support/eventually.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';

type Pod = StoredObject<KubernetesObject & { spec: { nodeName?: string } }>;

/** What happens to one RestAPI, and how it must end. */
export interface Scenario {
  what: string;
  /** Of spec.blueGreen. */
  settings?: object;
  /** Of spec. */
  spec?: object;
  /** How many ready pods every component must have at any time. Default 2, as many as there are. */
  least?: number;
  /** What is wrong because of what is played, and not because of the operator. Default: nothing may be wrong. */
  played?: (violation: Violation) => boolean;
  /** It deletes the RestAPI: then nothing goes on serving. */
  deletes?: boolean;
  /** The operator is a process, which SIGKILL ends. Default: an operator in the test's process, which loses its server. */
  process?: boolean;
  run: (app: App, world: OperatorCluster) => Promise<unknown>;
}

/** Long enough for an operator that is killed at its writes. */
const PATIENCE_MS = 240_000;
/** KWOK has the pods of Jobs end well. */
const SUITE = { name: 'suite', job: { image: 'registry.example.com/tests:1' } };
/** Nodes that only the pods go to which ask for them: what happens to these nodes disturbs no other scenario. */
export const POOLS = ['dying', 'silent'] as const;
type Pool = (typeof POOLS)[number];
export const nodesOf = (pool: Pool) => ({
  labels: { pool },
  taints: [{ key: 'pool', value: pool, effect: 'NoSchedule' }],
});
/** Schedules the pods of all components there; they are evicted a second after their node becomes unreachable. */
const onNodesOf = (pool: Pool) => {
  const tolerations = [
    { key: 'pool', operator: 'Equal', value: pool },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 },
  ];
  return eachComponent({ nodeSelector: { pool }, tolerations });
};
const BAD = { image: 'registry.example.com/shop:bad', model: { podAnnotations: NEVER_READY } };

/** Sets the minimum number of pods of all components. */
const scaledTo = (minReplicas: number) => eachComponent({ minReplicas, maxReplicas: 10 });

function eachComponent(settings: object): object {
  return Object.fromEntries(COMPONENTS.map((component) => [component, settings]));
}

/** Something newer is being prepared, and does not become ready. */
async function stuckRelease(app: App): Promise<string> {
  await app.patch(BAD);
  const begun = await app.until('the release has begun', ({ release }) => release?.phase === 'Preparing', PATIENCE_MS);
  return begun.release?.revision ?? '';
}

async function promoted(app: App, tag = '2.0.0', environment = 'green'): Promise<void> {
  await app.image(tag);
  await app.untilActive(environment, PATIENCE_MS);
}

/** The pods of a component of an environment that are not on their way out. */
async function podsOf(app: App, world: OperatorCluster, environment: string, component: string): Promise<Pod[]> {
  const labels = ['name', 'environment', 'component'].map((label) => `restapi.dev/${label}`);
  const values = [app.name, environment, component];
  const selector = labels.map((label, index) => `${label}=${values[index]}`).join(',');
  const pods = await world.list<Pod>('pods', '-n', app.namespace, '-l', selector);
  return pods.filter(({ metadata }) => !metadata.deletionTimestamp);
}

/** Plays what a kubelet says of containers that do not run, of all pods of a component. */
async function play(
  app: App,
  world: OperatorCluster,
  environment: string,
  component: string,
  said: object,
): Promise<void> {
  for (const { metadata } of await podsOf(app, world, environment, component)) {
    const container = { pod: metadata.name, namespace: app.namespace, container: component };
    await playContainer(world, container, { restartCount: 3, ...said });
  }
}

/** A release while which one of the nodes goes that its pods are on. */
const nodeLost = (
  what: string,
  pool: Pool,
  lose: (world: OperatorCluster, node: string) => Promise<unknown>,
): Scenario => ({
  what,
  spec: { replicas: 3, ...onNodesOf(pool) },
  // Two thirds of the pods are on the other nodes.
  least: 1,
  // Pods of a node that does not answer never end: the others do not wait for them for ever.
  played: ({ rule }) => rule === 'stop-order',
  run: async (app, world) => {
    await app.patch({ image: 'registry.example.com/shop:2.0.0', model: { podAnnotations: SLOWLY_READY } });
    // Pods on their way to ready are lost with it: others must come in their place before the switch.
    const node = await eventually(async () => (await podsOf(app, world, 'green', 'model'))[0]?.spec.nodeName, {
      timeoutMs: PATIENCE_MS,
    });
    await lose(world, node);
    // The cluster evicts the pods of the node a minute later.
    await eventually(
      async () => (await podsOf(app, world, 'green', 'model')).every(({ spec }) => spec.nodeName !== node),
      { timeoutMs: PATIENCE_MS },
    );
    await app.untilActive('green', PATIENCE_MS);
    await app.until('all of it serves', ({ phase }) => phase === 'Ready', PATIENCE_MS);
  },
});

export const SCENARIOS: Scenario[] = [
  // This and the other lost node below take a minute each, mostly waiting: apart, so that other scenarios run meanwhile.
  nodeLost('a node lost in mid-release', 'dying', (world, node) =>
    world.kubectl('delete', 'node', node, '--wait=false'),
  ),
  {
    what: 'a release',
    process: true,
    run: async (app) => {
      await promoted(app);
      await app.untilReplicas('blue', 0, PATIENCE_MS);
    },
  },
  {
    what: 'a release with Jobs as checks',
    settings: { prePromotion: [SUITE], postPromotion: [SUITE] },
    run: async (app) => {
      await app.image('2.0.0');
      const { checks } = await app.until(
        'all passed',
        (status) => status.checks?.stage === 'postPromotion' && status.checks.result === 'Passed',
        PATIENCE_MS,
      );
      expect(checks?.checks).toMatchObject([{ attempts: 1, failures: 0 }]);
      await app.untilReplicas('blue', 0, PATIENCE_MS);
    },
  },
  {
    what: 'a bad image',
    // Time for what is played.
    settings: { progressDeadlineSeconds: 30 },
    run: async (app, world) => {
      await stuckRelease(app);
      await eventually(async () => (await podsOf(app, world, 'green', 'model')).length === 2, {
        timeoutMs: PATIENCE_MS,
      });
      await play(app, world, 'green', 'model', { state: { waiting: { reason: 'ImagePullBackOff' } } });
      const status = await app.until(
        'it is rejected',
        ({ rejections, release }) => !!rejections && !release,
        PATIENCE_MS,
      );
      expect(status.activeEnvironment).toBe('blue');
      expect(status.rejections?.[0]).toMatchObject({
        reason: 'ProgressDeadlineExceeded',
        message: expect.stringContaining('cannot pull its image'),
      });
      await app.untilReplicas('green', 0, PATIENCE_MS);
    },
  },
  nodeLost('a node that stops answering in mid-release', 'silent', (world, node) => world.cluster.silenceNode(node)),
  {
    what: 'pods that never turn ready',
    settings: { progressDeadlineSeconds: 10 },
    run: async (app) => {
      await stuckRelease(app);
      const status = await app.until(
        'it is rejected',
        ({ rejections, release }) => !!rejections && !release,
        PATIENCE_MS,
      );
      expect(status.history?.[0]?.result).toBe('Aborted');
      await app.untilReplicas('green', 0, PATIENCE_MS);
    },
  },
  {
    what: 'a crash after promotion',
    settings: { scaleDownDelaySeconds: 600, autoRollbackSeconds: 600 },
    // The pods that crash are those of the model in green.
    played: ({ message, object }) => /green.* pods of model/.test(message) || /-model$/.test(object),
    run: async (app, world) => {
      await promoted(app);
      const crash = {
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { reason: 'Error', exitCode: 3 } },
      };
      await play(app, world, 'green', 'model', crash);
      const status = await app.untilActive('blue', PATIENCE_MS);
      expect(status.rejections?.[0]).toMatchObject({
        reason: 'AutoRollback',
        message: expect.stringContaining('exit code 3'),
      });
      await app.until('the way back is told', ({ history }) => history?.[0]?.result === 'RolledBack', PATIENCE_MS);
    },
  },
  {
    what: 'another change in mid-release',
    run: async (app) => {
      await stuckRelease(app);
      await app.patch({ image: 'registry.example.com/shop:3.0.0', model: { podAnnotations: null } });
      const status = await app.untilActive('green', PATIENCE_MS);
      expect(status.environments?.[0]?.image).toBe('registry.example.com/shop:3.0.0');
    },
  },
  {
    what: 'a change back',
    run: async (app) => {
      await stuckRelease(app);
      await app.patch({ image: 'registry.example.com/shop:1.0.0', model: { podAnnotations: null } });
      await app.untilActive('blue', PATIENCE_MS);
      await app.untilReplicas('green', 0, PATIENCE_MS);
    },
  },
  {
    what: 'an abort',
    run: async (app) => {
      await app.annotate('reject', await stuckRelease(app));
      await app.until('it is rejected', ({ release, history }) => !release && !!history?.length, PATIENCE_MS);
      await app.untilReplicas('green', 0, PATIENCE_MS);
    },
  },
  {
    what: 'a rollback within the delay',
    settings: { scaleDownDelaySeconds: 600 },
    run: async (app) => {
      await promoted(app);
      await app.annotate('reject', await app.activeRevision());
      await app.untilActive('blue', PATIENCE_MS);
    },
  },
  {
    what: 'a rollback after the old pods have gone',
    run: async (app) => {
      await promoted(app);
      await app.untilReplicas('blue', 0, PATIENCE_MS);
      await app.annotate('reject', await app.activeRevision());
      await app.untilActive('blue', PATIENCE_MS);
    },
  },
  {
    what: 'back to a revision by its name',
    run: async (app) => {
      const first = await app.activeRevision();
      await promoted(app, '2.0.0', 'green');
      await promoted(app, '3.0.0', 'blue');
      await app.annotate('rollback-to', first);
      await app.untilActive('green', PATIENCE_MS);
      expect(await app.activeRevision()).toBe(first);
    },
  },
  {
    what: 'a release of what an autoscaler made larger than the spec says',
    spec: { autoScaling: scaledTo(7) },
    least: 7,
    run: async (app, world) => {
      // The spec says 2, and the autoscalers, which know of no load, leave it at the 7 they made.
      await app.patch({ autoScaling: scaledTo(2) });
      await promoted(app);
      expect(await app.replicas('green')).toEqual([7, 7, 7, 7]);
      await eventually(
        async () => {
          const autoscalers = await world.list<StoredObject<HorizontalPodAutoscaler>>('hpa', '-n', app.namespace);
          const targets = autoscalers.map(({ spec }) => spec.scaleTargetRef.name);
          return targets.length === 4 && targets.every((name) => name.endsWith('-green'));
        },
        { timeoutMs: PATIENCE_MS },
      );
      await app.untilReplicas('blue', 0, PATIENCE_MS);
      expect(await app.replicas('green')).toEqual([7, 7, 7, 7]);
    },
  },
  {
    what: 'paused, and let go on',
    run: async (app) => {
      await app.patch({ image: 'registry.example.com/shop:2.0.0', blueGreen: { paused: true } });
      await app.until('it is held', ({ release }) => release?.phase === 'Paused', PATIENCE_MS);
      expect(await app.selected(app.name)).toBe('blue');
      await app.patch({ blueGreen: { paused: false } });
      await app.untilActive('green', PATIENCE_MS);
    },
  },
  {
    what: 'blue-green switched off and on again',
    run: async (app) => {
      await app.patch({ blueGreen: { enabled: false } });
      await app.until(
        'main is active',
        ({ activeEnvironment, release }) => !activeEnvironment && !release,
        PATIENCE_MS,
      );
      await app.patch({ blueGreen: { enabled: true } });
      await app.untilActive('blue', PATIENCE_MS);
      await eventually(async () => (await app.deployments('main')).length === 0, { timeoutMs: PATIENCE_MS });
    },
  },
  {
    what: 'two releases in quick succession',
    run: async (app) => {
      await promoted(app);
      // What was active before has not lost its pods yet.
      await app.image('3.0.0');
      const status = await app.untilActive('blue', PATIENCE_MS);
      expect(status.environments?.find(({ role }) => role === 'active')?.image).toBe('registry.example.com/shop:3.0.0');
      await app.untilReplicas('green', 0, PATIENCE_MS);
    },
  },
  {
    what: 'a front Service edited by hand',
    settings: { scaleDownDelaySeconds: 600 },
    run: async (app, world) => {
      await promoted(app);
      // To where all the pods still are: what is done by hand is not to be judged.
      const spec = { selector: { 'restapi.dev/environment': 'blue' } };
      await world.kubectl(
        'patch',
        'service',
        app.name,
        '-n',
        app.namespace,
        '--type=merge',
        '-p',
        JSON.stringify({ spec }),
      );
      await eventually(async () => (await app.selected(app.name)) === 'green', { timeoutMs: PATIENCE_MS });
      expect((await app.status()).activeEnvironment).toBe('green');
    },
  },
  {
    what: 'deleted in mid-release',
    deletes: true,
    run: async (app, world) => {
      await stuckRelease(app);
      await world.kubectl('delete', 'restapi', app.name, '-n', app.namespace, '--timeout=120s');
      expect(await world.generated(app.name, app.namespace)).toEqual([]);
    },
  },
];
