import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import type { Kind, Role } from './faults.ts';
import { limitToNamespaces } from './pair.ts';
import { type Cell, HELD, type Outcome } from './waves.ts';

const ROLES: Role[] = ['leader', 'standby'];
const KINDS: Kind[] = ['Lease', 'RestAPI', 'Deployment', 'Secret'];

/** Cells that run at once: as many operators as this takes in one process, and the watches of all of them, leave two cores time. */
const AT_ONCE = 24;
/** All waves of one cluster together take 8 min, and longer while other tests run. */
const WAVE_MS = 1_200_000;

type Run = (world: OperatorCluster, name: string, cells: readonly Cell[]) => Promise<Outcome[]>;

/** What runs at once: some cells of the matrix. */
export interface Wave {
  name: string;
  cells: Cell[];
  run: Run;
}

/** Fault × role × kind. */
export function cellsOf(...faults: string[]): Cell[] {
  return faults.flatMap((fault) => ROLES.flatMap((role) => KINDS.map((kind) => ({ fault, role, kind }))));
}

/** The same in waves of what one process can carry. */
export function inWaves(name: string, cells: readonly Cell[], run: Run): Wave[] {
  const count = Math.ceil(cells.length / AT_ONCE);
  return Array.from({ length: count }, (_, index) => ({
    name: `${name}-${index}`,
    cells: cells.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
    run,
  }));
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

/**
 * Declares a test for each cell of waves that follow one another on one cluster. A wave that fails does not keep the next
 * from running. Each file of the matrix is one process and one cluster: together they take both cores.
 */
export function runMatrix(waves: readonly Wave[], controllerManager: boolean): void {
  let starting: Promise<OperatorCluster>;
  const running = new Map<string, Promise<Outcome[]>>();
  beforeAll(() => {
    // Pods add nothing here, so no nodes are played.
    starting = OperatorCluster.start({ kwokNodes: 0, scheduler: false, controllerManager });
    let before: Promise<unknown> = starting.then(limitToNamespaces);
    for (const wave of waves) {
      const outcomes = before.then(async () => measured(wave, await starting));
      // The caller that awaits the outcomes gets the failure.
      before = outcomes.catch(() => undefined);
      running.set(wave.name, outcomes);
    }
  });
  afterAll(async () => (await starting)[Symbol.asyncDispose]());

  test.each(waves.flatMap(({ name, cells }) => cells.map((cell, index) => ({ ...cell, wave: name, index }))))(
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
}
