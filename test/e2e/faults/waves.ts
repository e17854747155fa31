import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditEvent, type AuditMark, type PastCollection, requests } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';
import { Admin } from './admin.ts';
import { Application } from './application.ts';
import { DeploymentWatch } from './deployment-watch.ts';
import { FAULTS_OF_ONE_KIND, type Kind, PLURALS, type Role } from './faults.ts';
import { MachineClock } from './machine-clock.ts';
import { Pair, rightsIn } from './pair.ts';
import { deletions, interleavedWrites, restlessness, stepsBack, twoLeaders } from './promises.ts';

/** One field of the matrix. */
export interface Cell {
  fault: string;
  /** Whom the fault strikes; of faults that strike both, who led when it began or has to lead after it. */
  role: Role;
  /** What it strikes; of faults that strike everything, what had just changed. */
  kind: Kind;
}

/** What was found broken in a cell; all empty: everything held. */
export interface Findings {
  twoLeaders: string[];
  interleavedWrites: string[];
  leaderless: string[];
  notServed: string[];
  stepsBack: string[];
  deletions: string[];
  restlessness: string[];
  errors: string[];
}

export interface Outcome {
  findings: Findings;
  /** The longest time without a leader from the end of the fault on, milliseconds as this machine had them. */
  leaderlessMs: number;
  /** From the end of the fault to the last thing that was to be served, milliseconds. */
  servedAfterMs: number;
  /** What both operators logged last. */
  log: string;
}

export const HELD: Findings = {
  twoLeaders: [],
  interleavedWrites: [],
  leaderless: [],
  notServed: [],
  stepsBack: [],
  deletions: [],
  restlessness: [],
  errors: [],
};

/** How long faults last, and the limits of what follows after their ends, milliseconds. */
const FAULT_MS = 20_000;
const DOWN_MS = 8_000;
const LEADER_MS = 20_000;
const QUIET_FROM_MS = 60_000;
const QUIET_FOR_MS = 10_000;
/** From when all is served until nothing is to be done. */
const REST_MS = 15_000;
/** How many pairs start at once. */
const STARTING = 6;

/** What one cell goes through, and what was seen of it. */
class Case {
  readonly cell: Cell;
  readonly namespace: string;
  readonly app: Application;
  pair!: Pair;
  past!: PastCollection;
  endedAt = 0;
  servedAt = 0;
  secretBefore: string | undefined;
  events: AuditEvent[] = [];
  restless: AuditEvent[] = [];
  readonly errors: string[] = [];
  readonly notServed: string[] = [];
  /** Ends of what goes on in the background. */
  readonly background: Promise<unknown>[] = [];

  constructor(cell: Cell, namespace: string, app: Application) {
    this.cell = cell;
    this.namespace = namespace;
    this.app = app;
  }

  /** A step of this cell. If it fails, that is a finding, and the others go on. */
  async step(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The cells of one wave, side by side on one cluster. */
export class Wave implements AsyncDisposable {
  readonly world: OperatorCluster;
  readonly cases: Case[];
  readonly watch: DeploymentWatch;
  readonly admin: Admin;
  readonly #clock: MachineClock;
  /** Since when the server has the history it has now, milliseconds of the epoch. */
  historyFrom = 0;
  #mark: AuditMark = { offset: 0, at: 0 };

  private constructor(world: OperatorCluster, cases: Case[], watch: DeploymentWatch, admin: Admin) {
    this.world = world;
    this.cases = cases;
    this.watch = watch;
    this.admin = admin;
    this.#clock = new MachineClock(world.cluster);
  }

  /** Starts a pair for each cell, in namespaces that begin with the wave's name, which serves a RestAPI `shop` in version 2 that was in version 1. */
  static async start(world: OperatorCluster, name: string, cells: readonly Cell[]): Promise<Wave> {
    const watch = await DeploymentWatch.start(world.cluster);
    const admin = new Admin(world.cluster);
    const cases = cells.map((cell, index) => {
      const namespace = `${name}-${index}`;
      return new Case(cell, namespace, new Application(namespace, admin, watch));
    });
    const wave = new Wave(world, cases, watch, admin);
    wave.#mark = await world.cluster.auditMark();
    const waiting = [...cases];
    const starter = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) await wave.#start(one);
    };
    await Promise.all(Array.from({ length: STARTING }, starter));
    return wave;
  }

  async #start(one: Case): Promise<void> {
    const { namespace, app } = one;
    await this.admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await this.admin.create(...(await rightsIn(namespace)));
    one.pair = await Pair.start(this.world, namespace);
    await one.step('begin', async () => {
      await app.createSecret();
      await app.create('shop', 1);
      await this.#until(() => app.isServed('shop', 1), 'version 1 runs');
      // The leader's watches: a standby has not looked for Secrets yet.
      one.past = await one.pair.a.proxy.record(requests({ plural: PLURALS[one.cell.kind], verb: 'watch' }));
      await app.release('shop', 2);
      await this.#until(() => app.isServed('shop', 2), 'version 2 runs');
      one.secretBefore = app.secretTold('shop');
    });
  }

  /** The same step of every cell, all at once. */
  each(what: string, work: (one: Case) => Promise<unknown>): Promise<unknown> {
    return Promise.all(this.cases.map((one) => one.step(what, () => work(one))));
  }

  /** After the faults: waits until each cell is served, and until all have had time to come to rest; then looks whether they have. */
  async settle(served: (one: Case) => Promise<Record<string, boolean>>): Promise<void> {
    await this.each('settle', async (one) => {
      let missing = ['nothing looked at'];
      const isServed = async () => {
        missing = Object.entries(await served(one)).flatMap(([what, isThere]) => (isThere ? [] : [what]));
        return missing.length === 0;
      };
      // The limit is time as this machine had it.
      const isLate = () => this.#clock.between(one.endedAt, Date.now()) > QUIET_FROM_MS;
      while (!(await isServed().catch(() => false)) && !isLate()) await sleep(250);
      one.servedAt = Date.now();
      one.notServed.push(...missing);
    });
    const rests = this.cases.map(({ endedAt, servedAt }) => Math.max(endedAt + QUIET_FROM_MS, servedAt + REST_MS));
    await sleep(Math.max(...rests) - Date.now());
    const mark = await this.world.cluster.auditMark();
    await sleep(QUIET_FOR_MS);
    this.#sort(await this.world.cluster.auditSince(mark), (one, event) => one.restless.push(event));
  }

  /** What was found, in the order of the cells. */
  async outcomes(): Promise<Outcome[]> {
    // Before the audit log is read, which keeps this process busy.
    const finishedAt = Date.now();
    this.#sort(await this.world.cluster.auditSince(this.#mark), (one, event) => one.events.push(event));
    return this.cases.map((one) => {
      const { pair, namespace, endedAt } = one;
      const states = this.watch.states.filter((state) => state.namespace === namespace);
      const gaps = pair.leads.flatMap(({ at, leaders }, index) => {
        const until = pair.leads[index + 1]?.at ?? finishedAt;
        return leaders.length === 0 && until > endedAt ? [{ at, until }] : [];
      });
      return {
        findings: {
          twoLeaders: twoLeaders(pair.leads),
          interleavedWrites: interleavedWrites(one.events),
          leaderless: gaps
            .filter(({ at, until }) => this.#clock.between(Math.max(at, endedAt), until) > LEADER_MS)
            .map(({ at, until }) => `nobody led from ${at - endedAt} to ${until - endedAt} ms after the fault`),
          notServed: one.notServed,
          stepsBack: stepsBack(states.filter(({ at }) => at > this.historyFrom)),
          deletions: deletions(one.events),
          restlessness: restlessness(one.restless, QUIET_FOR_MS),
          errors: one.errors,
        },
        leaderlessMs: Math.max(0, ...gaps.map(({ at, until }) => this.#clock.between(Math.max(at, endedAt), until))),
        servedAfterMs: Math.max(0, one.servedAt - endedAt),
        log: pair.log.toString(),
      };
    });
  }

  /** The server's history is another one from now on: what was seen before never happened. */
  historyBegins(): void {
    this.historyFrom = Date.now();
    this.watch.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.watch.stop();
    this.#clock.stop();
    await Promise.all(
      this.cases.map(async ({ pair, background }) => {
        await pair?.[Symbol.asyncDispose]();
        await Promise.allSettled(background);
      }),
    );
  }

  #sort(events: readonly AuditEvent[], give: (one: Case, event: AuditEvent) => void): void {
    const cases = new Map(this.cases.map((one) => [one.namespace, one]));
    for (const event of events) {
      const { userAgent = '' } = event;
      const one = cases.get(userAgent.slice(userAgent.lastIndexOf(' ') + 1).split('/')[0] ?? '');
      if (one) give(one, event);
    }
  }

  #until(check: () => boolean | Promise<boolean>, what: string): Promise<unknown> {
    return eventually(async () => check(), { timeoutMs: 240_000, everyMs: 100, what });
  }
}

/** Waits until a condition is true, but no longer: what is missing then is found later, by what it leads to. */
export async function soon(check: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await check()) && Date.now() < end) await sleep(100);
}

/** Faults that one operator of each pair meets with one kind: all cells at once. */
export async function faultsOfOneKind(
  world: OperatorCluster,
  name: string,
  cells: readonly Cell[],
): Promise<Outcome[]> {
  await using wave = await Wave.start(world, name, cells);
  await wave.each('fault', async (one) => {
    const { cell, pair, app, namespace, past } = one;
    const begin = FAULTS_OF_ONE_KIND[cell.fault];
    if (!begin) throw new Error(`there is no fault ${cell.fault}`);
    const member = cell.role === 'leader' ? pair.a : pair.b;
    const end = await begin({ world, namespace, member, kind: cell.kind, past });
    const over = sleep(FAULT_MS);
    await app.release('shop', 3);
    await app.changeSecret();
    // A deleted Deployment no longer shows which version it was made for.
    if (cell.fault !== 'time travel of one kind' || cell.kind !== 'RestAPI') await app.loseDeployment('shop');
    if (cell.role === 'standby') {
      // The healthy one does its work and leaves; then the one with the fault takes over.
      await soon(() => app.runs('shop', 3), 10_000);
      one.background.push(pair.retire(pair.a));
    }
    await app.create('late', 1);
    await over;
    one.background.push(end());
    one.endedAt = Date.now();
  });
  await wave.settle(async ({ app, secretBefore }) => ({
    'shop in version 3': await app.isServed('shop', 3),
    'late, created during the fault': await app.isServed('late', 1),
    'the changed Secret': app.secretTold('shop') !== secretBefore,
  }));
  return wave.outcomes();
}

/** The API server is killed and comes back. Standbys have to lead then: their leaders' nodes are lost with it. */
export async function apiServerKilled(
  world: OperatorCluster,
  name: string,
  cells: readonly Cell[],
): Promise<Outcome[]> {
  await using wave = await Wave.start(world, name, cells);
  await wave.each('change', async ({ cell, app }) => {
    if (cell.kind === 'RestAPI') await app.release('shop', 3);
    if (cell.kind === 'Deployment') await app.loseDeployment('shop');
    if (cell.kind === 'Secret') await app.changeSecret();
  });
  await world.cluster.killApiServer();
  await wave.each('crash', async ({ cell, pair }) => {
    if (cell.role === 'standby') await pair.crash(pair.a);
  });
  await sleep(DOWN_MS);
  await world.cluster.startApiServer();
  await wave.each('back', async (one) => {
    one.endedAt = Date.now();
    await one.app.create('late', 1);
    await one.app.release('shop', 4);
  });
  await wave.settle(async ({ app, cell, secretBefore }) => ({
    'shop in version 4': await app.isServed('shop', 4),
    'late, created when the server came back': await app.isServed('late', 1),
    'the changed Secret': cell.kind !== 'Secret' || app.secretTold('shop') !== secretBefore,
  }));
  return wave.outcomes();
}

/**
 * Restores etcd from a snapshot. An object of each cell's kind was changed after the snapshot, and that change is lost. In
 * cells of the standby, leadership had changed hands as well, so the restored Lease names an operator that is a standby.
 *
 * @param past whether the server has passed the versions that the operators know before they see it again
 */
export async function etcdRestored(
  world: OperatorCluster,
  name: string,
  cells: readonly Cell[],
  past: boolean,
): Promise<Outcome[]> {
  const { cluster } = world;
  await using wave = await Wave.start(world, name, cells);
  const snapshot = await cluster.snapshot();
  await wave.each('what will be lost', async ({ cell, pair, app }) => {
    if (cell.role === 'standby') {
      const fault = { kind: 'answer', status: 500 } as const;
      const { remove } = pair.a.proxy.rule({ match: requests({ plural: 'leases' }), fault });
      await eventually(() => pair.b.operator.leading, { timeoutMs: 120_000, what: 'the standby leads' });
      remove();
    }
    if (cell.kind === 'RestAPI') {
      await app.release('shop', 3);
      await app.create('lost', 1);
      await eventually(() => app.runs('shop', 3) && app.runs('lost', 1), { what: 'version 3 runs' });
    }
    if (cell.kind === 'Deployment') {
      await app.loseDeployment('shop');
      await sleep(500);
      await eventually(() => app.runs('shop', 2), { what: 'the Deployment is made anew' });
    }
    if (cell.kind === 'Secret') {
      await app.changeSecret();
      await eventually(() => app.secretTold('shop') !== 'none', { what: 'the Secret is told' });
    }
  });
  // So that something is under way, and the Lease has been renewed.
  await sleep(3_000);
  const members = wave.cases.flatMap(({ pair }) => pair.members);
  if (past) await Promise.all(members.map(({ proxy }) => proxy.close()));
  const known = await cluster.revision();
  wave.watch.pause();
  const restored = cluster.restore(snapshot, past ? { raisePast: known + 50n } : {});
  await eventually(() => cluster.pids['kube-apiserver'] === undefined, { everyMs: 5 });
  wave.historyBegins();
  await restored;
  await Promise.all(members.map(({ proxy }) => proxy.open()));
  await wave.each('back', async (one) => {
    one.endedAt = Date.now();
    await one.app.create('late', 1);
    // Long enough for what is believed of the lost history to be acted on.
    await sleep(10_000);
    one.secretBefore = one.app.secretTold('shop');
    await one.app.changeSecret();
  });
  await wave.settle(async ({ app, secretBefore }) => ({
    'shop in version 2, as restored': await app.isServed('shop', 2),
    'late, created after the restore': await app.isServed('late', 1),
    'nothing of what was lost': !app.runs('lost', 1),
    'the Secret, changed after the restore': app.secretTold('shop') !== secretBefore,
  }));
  const outcomes = await wave.outcomes();
  for (const [index, { findings }] of outcomes.entries()) {
    const namespace = wave.cases[index]?.namespace;
    const revived = wave.watch.states.filter(
      (state) => state.namespace === namespace && state.at > wave.historyFrom && isOfLostHistory(state),
    );
    findings.stepsBack.push(...revived.map(({ name, version }) => `${name} in version ${version}, which was lost`));
  }
  return outcomes;
}

function isOfLostHistory({ name, version }: { name: string; version: number }): boolean {
  return name.startsWith('lost-') || version === 3;
}
