import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OperatorCluster } from '../operator/operator-cluster.ts';
import { FAULTS_OF_ONE_KIND, type Kind, type Role } from './faults.ts';
import { limitToNamespaces } from './pair.ts';
import { apiServerKilled, type Cell, etcdRestored, faultsOfOneKind, HELD, type Outcome } from './waves.ts';

const ROLES: Role[] = ['leader', 'standby'];
const KINDS: Kind[] = ['Lease', 'RestAPI', 'Deployment', 'Secret'];

/** Cells that run at once: as many operators as this takes in one process, and the watches of all of them, leave two cores time. */
const AT_ONCE = 24;
/** All waves of one cluster together take 7 min; with other tests beside them more. */
const WAVE_MS = 1_200_000;

type Run = (world: OperatorCluster, name: string, cells: readonly Cell[]) => Promise<Outcome[]>;

/** What runs at once: some cells of the matrix. */
interface Wave {
  name: string;
  cells: Cell[];
  run: Run;
}

/** Fault × role × kind. Waves of one cluster follow one another, the clusters run side by side. */
const ONE_KIND: Wave[] = inWaves('one-kind', cellsOf(...Object.keys(FAULTS_OF_ONE_KIND)), faultsOfOneKind);
const WHOLE_CLUSTER: Wave[] = [
  ...inWaves('killed', cellsOf('API server killed and back'), apiServerKilled),
  ...inWaves('older', cellsOf('etcd restored from a snapshot'), (world, name, cells) =>
    etcdRestored(world, name, cells, false),
  ),
  ...inWaves('passed', cellsOf('etcd restored from a snapshot and past our version'), (world, name, cells) =>
    etcdRestored(world, name, cells, true),
  ),
];

function cellsOf(...faults: string[]): Cell[] {
  return faults.flatMap((fault) => ROLES.flatMap((role) => KINDS.map((kind) => ({ fault, role, kind }))));
}

function inWaves(name: string, cells: readonly Cell[], run: Run): Wave[] {
  const count = Math.ceil(cells.length / AT_ONCE);
  return Array.from({ length: count }, (_, index) => ({
    name: `${name}-${index}`,
    cells: cells.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
    run,
  }));
}

const worlds: OperatorCluster[] = [];
const running = new Map<string, Promise<Outcome[]>>();

/** Runs waves one after the other on a cluster of their own. One that fails does not keep the next from running. */
function start(waves: readonly Wave[], controllerManager: boolean): void {
  // Pods add nothing here, so no nodes are played.
  const starting = OperatorCluster.start({ kwokNodes: 0, scheduler: false, controllerManager }).then(async (world) => {
    worlds.push(world);
    await limitToNamespaces(world);
    return world;
  });
  let before: Promise<unknown> = starting;
  for (const wave of waves) {
    const outcomes = before.then(async () => measured(wave, await starting));
    // Whoever asks for its outcomes is told of the failure.
    before = outcomes.catch(() => undefined);
    running.set(wave.name, outcomes);
  }
}

async function measured({ name, cells, run }: Wave, world: OperatorCluster): Promise<Outcome[]> {
  const began = Date.now();
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const outcomes = await run(world, name, cells);
  const [took, stall] = [(Date.now() - began) / 1000, delay.max / 1e6];
  console.log(
    `wave ${name} of ${cells.length}: ${took.toFixed(0)} s, this process stood still for ${stall.toFixed(0)} ms`,
  );
  return outcomes;
}

beforeAll(() => {
  start(ONE_KIND, false);
  start(WHOLE_CLUSTER, true);
});
afterAll(() => Promise.all(worlds.map((world) => world[Symbol.asyncDispose]())));

const TABLE = [...ONE_KIND, ...WHOLE_CLUSTER].flatMap(({ name, cells }) =>
  cells.map((cell, index) => ({ ...cell, wave: name, index })),
);

test.each(TABLE)(
  '$fault: $role, $kind',
  async ({ wave, index, fault, role, kind }) => {
    const outcome = (await running.get(wave))?.[index];
    const { leaderlessMs = 0, servedAfterMs = 0 } = outcome ?? {};
    console.log(
      `${fault}: ${role}, ${kind}: ${leaderlessMs.toFixed(0)} ms without a leader, served after ${servedAfterMs} ms`,
    );
    expect(outcome?.findings, outcome?.log).toEqual(HELD);
  },
  WAVE_MS,
);
