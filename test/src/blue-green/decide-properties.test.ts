import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMPONENTS, ENVIRONMENTS, type Front, type ReleaseStatus, versionOf } from '../../../resources/index.ts';
import { concerns } from '../../../src/blue-green/decision-scope.ts';
import { rejectionOf } from '../../../src/blue-green/rejection.ts';
import { isStopped } from '../../../src/blue-green/stopped.ts';
import { ConfigWatcher, lacksConfig } from './config-watcher.ts';
import { MigrationWatcher } from './migration-watcher.ts';
import { isBad, ModelCluster } from './model-cluster.ts';
import { RejectionWatcher } from './rejection-watcher.ts';
import { stored } from './stored.ts';

const MINUTE = 60_000;
/** More than any delay or deadline of the RestAPIs here. */
const LONG = 30 * MINUTE;

type Action = (cluster: ModelCluster) => void;

const spec = (change: (cluster: ModelCluster) => object): Action => {
  return (cluster) => {
    cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, ...change(cluster) } };
  };
};
/** Shown by fast-check when it finds a history that breaks something. */
const named = (name: string, act: Action): Action => Object.assign(act, { [fc.toStringMethod]: () => name });
const settings = (change: object) => spec(({ api }) => ({ blueGreen: { ...api.spec.blueGreen, ...change } as never }));
const annotate = (key: string, value: (cluster: ModelCluster) => string | undefined): Action => {
  return (cluster) => {
    const annotations = { ...cluster.api.metadata.annotations };
    const text = value(cluster);
    if (text === undefined) delete annotations[`restapi.dev/${key}`];
    else annotations[`restapi.dev/${key}`] = text;
    cluster.api = { ...cluster.api, metadata: { ...cluster.api.metadata, annotations } };
  };
};

const CHECKS = [
  { name: 'http', http: {}, successes: 1, allowedFailures: 1, intervalSeconds: 10 },
  { name: 'job', job: { image: 'tests:1' }, successes: 1, allowedFailures: 0, intervalSeconds: 10 },
];

/** What the model component reads variables from. */
const SOURCES = [{ secretRef: { name: 'db' } }, { configMapRef: { name: 'settings' } }];
const CONTENTS = { 'Secret/db': 's1', 'ConfigMap/settings': 'c1' };

/** No fewer than 2, as the watcher demands. */
const SCALED = Object.fromEntries(COMPONENTS.map((name) => [name, { enabled: true, minReplicas: 2, maxReplicas: 6 }]));

const HOOKS = { migrate: { args: ['migrate'] }, afterPromotion: {}, afterRollback: {} };

const action = fc.oneof(
  { weight: 20, arbitrary: fc.constant(named('run', (cluster) => void cluster.run())) },
  // Killed after so many writes.
  {
    weight: 5,
    arbitrary: fc.nat(14).map(
      (count): Action =>
        (cluster) =>
          void cluster.run(count),
    ),
  },
  {
    weight: 20,
    arbitrary: fc.tuple(fc.constantFrom(...ENVIRONMENTS), fc.constantFrom(...COMPONENTS)).map(
      ([environment, component]): Action =>
        (cluster) =>
          cluster.roll(environment, component),
    ),
  },
  // Of the checks that were begun some end.
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(true, true, true, false)
      .map((ok) => named(`answer ${ok}`, (cluster) => cluster.answer(ok))),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(true, true, true, false)
      .map((ok) => named(`hooks end ${ok}`, (cluster) => cluster.endHooks(ok))),
  },
  {
    weight: 2,
    arbitrary: fc.boolean().map((some) => named(`hooks ${some}`, settings({ hooks: some ? HOOKS : undefined }))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('prePromotion', 'postPromotion'), fc.boolean())
      .map(([stage, some]) => named(`${stage} ${some}`, settings({ [stage]: some ? CHECKS : undefined }))),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      named(
        'skip',
        annotate('skip-checks', (cluster) => cluster.wanted().name),
      ),
      named(
        'no skip',
        annotate('skip-checks', () => undefined),
      ),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...COMPONENTS), fc.integer({ min: 1, max: 8 }))
      .map(([component, count]) =>
        named(`autoscale ${component} ${count}`, (cluster) => cluster.autoscale(component, count)),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map((enabled) =>
      named(
        `autoScaling ${enabled}`,
        spec(() => ({ autoScaling: { enabled, ...SCALED } })),
      ),
    ),
  },
  { weight: 8, arbitrary: fc.constant(named('settle', (cluster) => cluster.settle())) },
  { weight: 5, arbitrary: fc.constant(named('connect', (cluster) => cluster.connect())) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(1, 1_000, 31_000, MINUTE, 11 * MINUTE).map((passes) =>
      named(`after ${passes}`, (cluster) => {
        cluster.now += passes;
      }),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom('a', 'b', 'c', 'bad').map((image) =>
      named(
        image,
        spec(() => ({ image })),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, 2, 2, 2).map((replicas) =>
      named(
        `replicas ${replicas}`,
        spec(() => ({ replicas })),
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('fail' as const, 'drain' as const), fc.constantFrom(...COMPONENTS))
      .map(([what, component]) =>
        named(`${what} ${component}`, (cluster) => {
          if (cluster.front) cluster[what](cluster.front.environment, component);
        }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc.nat(3).map((index) =>
      named(`without ControllerRevision ${index}`, (cluster) => {
        cluster.revisions = cluster.revisions.filter((_, at) => at !== index);
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(0, 600)
      .map((autoRollbackSeconds) => named(`autoRollback ${autoRollbackSeconds}`, settings({ autoRollbackSeconds }))),
  },
  { weight: 1, arbitrary: fc.boolean().map((enabled) => named(`enabled ${enabled}`, settings({ enabled }))) },
  { weight: 2, arbitrary: fc.boolean().map((paused) => named(`paused ${paused}`, settings({ paused }))) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1, undefined)
      .map((previewReplicas) => named(`previewReplicas ${previewReplicas}`, settings({ previewReplicas }))),
  },
  {
    weight: 1,
    arbitrary: fc
      .boolean()
      .map((enabled) => named(`autoPromotion ${enabled}`, settings({ autoPromotion: { enabled, seconds: 60 } }))),
  },
  {
    weight: 1,
    arbitrary: fc
      .boolean()
      .map((abortOnFailure) => named(`abortOnFailure ${abortOnFailure}`, settings({ abortOnFailure }))),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom('promote', 'reject', 'retry'), fc.boolean()).map(([verb, on]) =>
      named(
        `${verb} ${on}`,
        annotate(verb, (cluster) => (on ? cluster.wanted().name : undefined)),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.option(fc.nat(3), { nil: undefined }).map((index) =>
      named(
        `rollback-to ${index}`,
        annotate('rollback-to', ({ revisions }) => (index === undefined ? undefined : revisions[index]?.name)),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('s1', 's2', 's3', null).map((content) =>
      named(`Secret rotated ${content}`, (cluster) => {
        cluster.contents = { ...cluster.contents, 'Secret/db': content };
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('c1', 'c2', 'c3', null).map((content) =>
      named(`ConfigMap edited ${content}`, (cluster) => {
        cluster.contents = { ...cluster.contents, 'ConfigMap/settings': content };
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(3).map((index) =>
      named(`without copy ${index}`, (cluster) => {
        const lost = Object.keys(cluster.configMaps)[index];
        if (lost === undefined) return;
        const { [lost]: _, ...left } = cluster.configMaps;
        cluster.configMaps = left;
        cluster.lostConfigMaps.add(lost);
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constant(
      named('annotations pruned', (cluster) => {
        cluster.api = { ...cluster.api, metadata: { ...cluster.api.metadata, annotations: {} } };
      }),
    ),
  },
  // Others release, or do not.
  {
    weight: 4,
    arbitrary: fc.boolean().map((busy) =>
      named(`others release ${busy}`, (cluster) => {
        cluster.wait = busy ? { max: 1, inProgress: 1, inNamespace: 0, recheckMs: MINUTE } : undefined;
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      named('operator upgraded', (cluster) => {
        cluster.version += 1;
      }),
    ),
  },
  // As a new version of the CRD with another default does: the pod templates stay the same.
  {
    weight: 1,
    arbitrary: fc.constantFrom({}, undefined).map((probes) =>
      named(
        `default ${probes ? 'added' : 'removed'}`,
        spec(({ api }) => ({ view: { ...api.spec.view, probes } })),
      ),
    ),
  },
);

let passedChecks = 0;
let trials = 0;
let scaledSwitches = 0;
let turns = 0;

/** What must be so at every moment, whatever happened before. */
class Watcher {
  readonly #cluster: ModelCluster;
  readonly #rejections: RejectionWatcher;
  readonly #migrations: MigrationWatcher;
  readonly #config: ConfigWatcher;
  #served = false;
  readonly #images = new Map<string, unknown>();
  #last: { environment?: string; images?: (string | undefined)[] } = {};
  #release: ReleaseStatus | undefined;
  /** The trial that a person ended. */
  #givenUp: string | undefined;

  constructor(cluster: ModelCluster) {
    this.#cluster = cluster;
    this.#rejections = new RejectionWatcher(cluster);
    this.#migrations = new MigrationWatcher(cluster);
    this.#config = new ConfigWatcher(cluster);
    cluster.onSwitch = (from, to) => {
      // Nothing is promoted that nobody could judge.
      expect(isStopped(cluster.api)).toBe(false);
      this.#rejections.switched(to);
      if (!this.#served) return;
      // Requests go only where all of it serves, and nothing but it.
      for (const component of COMPONENTS) {
        const deployment = cluster.environments[to.environment]?.[component];
        const serving = deployment?.pods.filter(({ available }) => available) ?? [];
        expect(serving.map(({ image }) => image)).toEqual([deployment?.image]);
        expect(serving[0]?.count).toBeGreaterThanOrEqual(2);
        if (to.revision) expect(deployment?.revision).toBe(to.revision);
        // As much as is needed now, whatever the spec says.
        const { replicas = 0, asked } = cluster.environments[from.environment]?.[component] ?? {};
        expect(serving[0]?.count).toBeGreaterThanOrEqual(replicas);
        if (asked !== undefined && replicas > asked) scaledSwitches++;
      }
      this.#checked(from.revision, to);
    };
  }

  /** No guard is ever absent: what serves a revision gets no other version, also in `main`, and whatever was lost. */
  #replacesNothing({ environment, revision }: Front): void {
    const { environments, revisions } = this.#cluster;
    for (const { name, data } of revisions) this.#images.set(name, data.spec.image);
    // The model adds what else makes other pods: contents of objects, and the operator's version.
    const images = COMPONENTS.map((component) => environments[environment]?.[component]?.image.split(' ')[0]);
    const before = this.#last.environment === environment ? this.#last.images : undefined;
    this.#last = { environment, images };
    if (!before || revision === undefined) return;
    const changed = images.filter((image, index) => before[index] !== undefined && image !== before[index]);
    for (const image of changed) expect(image).toBe(this.#images.get(revision));
  }

  /** A release that has begun is never put back to wait for its turn. */
  #putsNothingBack(): void {
    const { release } = this.#cluster.api.status ?? {};
    const before = this.#release;
    this.#release = release;
    if (release?.queuedAt === undefined) return;
    turns += before?.queuedAt ? 0 : 1;
    const same = before?.revision === release.revision && before.environment === release.environment;
    if (same && before.phase !== 'Queued') expect({ before, release }).toEqual('it goes on');
  }

  /** While the active version is on trial, the proven one keeps its pods, unless a person gave it up. */
  #keepsProven({ environment, revision, switchedAt }: Front): void {
    const { spec, status = {}, metadata } = this.#cluster.api;
    const { trial } = status;
    const key = `${revision} ${switchedAt}`;
    const words = ['promote', 'reject', 'rollback-to'].some((word) => metadata.annotations?.[`restapi.dev/${word}`]);
    if (words || !spec.blueGreen?.enabled || isStopped(this.#cluster.api)) this.#givenUp = key;
    if (!trial || this.#givenUp === key || environment === 'main' || status.activeEnvironment !== environment) return;
    const others = ENVIRONMENTS.filter((name) => name !== environment);
    const other = others.flatMap((name) => Object.values(this.#cluster.environments[name] ?? {}));
    const kept = other.filter((one) => one.revision === trial.proven && one.replicas > 0);
    trials++;
    if (kept.length < COMPONENTS.length) expect({ trial, other }).toEqual('the proven version has its pods');
  }

  /** What is promoted has passed its checks, or need not; a way back is not checked. */
  #checked(from: string | undefined, { revision, environment }: Front): void {
    const { spec, status, metadata } = this.#cluster.api;
    const { release, checks } = status ?? {};
    if (!spec.blueGreen?.enabled || !spec.blueGreen.prePromotion) return;
    if (from && rejectionOf(this.#cluster.api, from)) return;
    if (release?.phase === 'RollingBack' || status?.rollback?.to === revision || release?.skipChecks) return;
    if (revision && metadata.annotations?.['restapi.dev/skip-checks'] === revision) return;
    const { stage, result, since } = checks ?? {};
    const checked =
      release?.revision === revision && release?.environment === environment && since === release?.readyAt;
    passedChecks += checked ? 1 : 0;
    // The list may have been emptied, and filled again after the last look.
    expect({ checked, stage, result: result === 'Skipped' ? 'Passed' : result }).toEqual({
      checked: true,
      stage: 'prePromotion',
      result: 'Passed',
    });
  }

  get migrations(): number {
    return this.#migrations.migrations;
  }

  look(): void {
    this.#rejections.look();
    this.#migrations.look();
    this.#config.look();
    const { front } = this.#cluster;
    if (!front) return;
    // It serves again when it is started, and not before all pods are there.
    if (isStopped(this.#cluster.api) || this.#cluster.disturbed) this.#served = false;
    this.#cluster.disturbed = false;
    this.#keepsProven(front);
    this.#putsNothingBack();
    this.#replacesNothing(front);
    // More of them while pods are replaced in place.
    const counts = this.#cluster.available(front.environment);
    const available = COMPONENTS.map((name) => Math.min(2, counts[name] ?? 0));
    if (front.environment !== 'main') {
      // What is active is only ever changed by a switch.
      const placed = Object.values(this.#cluster.environments[front.environment] ?? {});
      const others = placed.filter(
        ({ revision }) => revision !== front.revision && !this.#config.isCompletedBy(revision, front.revision),
      );
      if (others.length > 0) expect(others).toEqual([]);
    }
    const serves = available.every((count) => count >= 2);
    // Asked in words only when it is not so: this is looked at a million times.
    if (this.#served && !serves) expect({ front, available }).toMatchObject({ available: [2, 2, 2, 2] });
    // Pods that are left of a stop still end.
    const placed = Object.values(this.#cluster.environments[front.environment] ?? {});
    this.#served ||= serves && placed.every(({ replicas }) => replicas >= 2);
  }
}

function state({ front, preview, environments, revisions, api }: ModelCluster): string {
  return JSON.stringify({ front, preview, environments, revisions, status: api.status });
}

test('whatever happens, and wherever the operator is killed: what serves goes on serving, and it comes to rest', () => {
  let promoted = 0;
  let rolledBack = 0;
  let wentBack = 0;
  let stopped = 0;
  let migrations = 0;
  const property = fc.property(fc.boolean(), fc.array(action, { maxLength: 120, size: 'max' }), (checked, actions) => {
    const cluster = new ModelCluster(
      stored('a', checked ? ({ prePromotion: CHECKS, postPromotion: CHECKS } as never) : {}),
    );
    Object.assign(cluster.api.spec.model, { envFrom: SOURCES });
    cluster.contents = CONTENTS;
    const watcher = new Watcher(cluster);
    for (const act of actions) {
      act(cluster);
      watcher.look();
    }
    // Left alone, it comes to rest.
    cluster.wait = undefined;
    let rests = 0;
    for (let round = 0; round < 60 && rests < 3; round++) {
      const before = state(cluster);
      cluster.answer(true);
      cluster.endHooks(true);
      cluster.now += LONG;
      cluster.run();
      watcher.look();
      for (const environment of ENVIRONMENTS) {
        for (const component of COMPONENTS) {
          cluster.roll(environment, component);
          watcher.look();
        }
      }
      cluster.connect();
      cluster.answer(true);
      rests = state(cluster) === before ? rests + 1 : 0;
    }
    expect(rests).toBe(3);
    migrations += watcher.migrations;
    const running = ENVIRONMENTS.filter((name) =>
      Object.values(cluster.environments[name] ?? {}).some(({ replicas }) => replicas > 0),
    );
    const status = cluster.api.status ?? {};
    promoted += status.history?.filter(({ result }) => result === 'Promoted').length ?? 0;
    rolledBack += status.history?.filter(({ result }) => result === 'RolledBack').length ?? 0;
    if (isStopped(cluster.api)) {
      stopped++;
      expect(running).toEqual([]);
      return;
    }
    const { image, blueGreen } = cluster.api.spec;
    const asked = cluster.wanted().name;
    const { rollback } = status;
    const known = rollback && cluster.revisions.some(({ name }) => name === rollback.to);
    const wanted = known ? rollback.to : asked;
    wentBack += rollback ? 1 : 0;
    const isRejected = status.rejections?.some((rejection) => concerns(rejection, wanted));
    if (!blueGreen?.enabled) {
      // `main` reads the live ConfigMap, and cannot start without it.
      const starts = !isBad(image) && cluster.contents['ConfigMap/settings'] !== null;
      if (starts) expect(cluster.front?.environment).toBe('main');
      return;
    }
    // A check that failed and is left to be looked at.
    const left = status.release?.phase === 'Checking' && status.checks?.result === 'Failed';
    const held = blueGreen.paused || !blueGreen.autoPromotion.enabled || left;
    const revision = cluster.revisions.find(({ name }) => name === wanted);
    // It cannot start.
    const bad = isBad(String(revision?.data.spec.image)) || lacksConfig(cluster, revision);
    // What a user rolled back to was lost: the active version stays.
    if (rollback && !known) return;
    // Of a version that was rolled back to, a new configuration is released.
    if (rollback?.configChanged) {
      if (!isRejected && !bad) expect(versionOf(String(cluster.front?.revision))).toBe(versionOf(wanted));
    } else if (!isRejected && !bad && (rollback || !held)) expect(cluster.front?.revision).toBe(wanted);
    // A second version only while one is being released, a third only if what is active may have to be given up, too: as
    // when blue-green is switched on together with an image that does not start.
    expect(running.length).toBeLessThanOrEqual(1 + (status.release ? 1 : 0) + (isWell(cluster) ? 0 : 1));
  });
  fc.assert(property, { numRuns: 3_000 });
  // All this happened often enough for the test to mean something.
  expect(promoted).toBeGreaterThan(200);
  expect(rolledBack).toBeGreaterThan(20);
  expect(wentBack).toBeGreaterThan(20);
  expect(stopped).toBeGreaterThan(20);
  expect(trials).toBeGreaterThan(200);
  expect(migrations).toBeGreaterThan(200);
  expect(passedChecks).toBeGreaterThan(4);
  expect(scaledSwitches).toBeGreaterThan(20);
  expect(turns).toBeGreaterThan(200);
}, 400_000);

/** Whether what is active is all of its newest version. */
function isWell({ front, environments }: ModelCluster): boolean {
  const deployments = Object.values(front ? (environments[front.environment] ?? {}) : {});
  return deployments.every(({ image, pods }) => pods.every((one) => one.image === image && one.available));
}
