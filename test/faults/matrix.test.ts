import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from '../operator/world.ts';
import { FAULTS_OF_ONE_KIND, type Kind, type Role } from './faults.ts';
import { limitToNamespaces } from './pair.ts';
import { apiServerKilled, type Cell, etcdRestored, faultsOfOneKind, HELD, type Outcome } from './waves.ts';

const ROLES: Role[] = ['leader', 'standby'];
const KINDS: Kind[] = ['Lease', 'RestAPI', 'Deployment', 'Secret'];
const KILLED = 'API server killed and back';
const OLDER = 'etcd restored from a snapshot';
const PASSED = 'etcd restored from a snapshot and past our version';

/** Cells that run at once: as many operators as this takes in one process, and the watches of all of them, leave two cores time. */
const AT_ONCE = 24;

/** Fault × role × kind. */
const ROWS = {
  oneKind: cellsOf(...Object.keys(FAULTS_OF_ONE_KIND)),
  killed: cellsOf(KILLED),
  older: cellsOf(OLDER),
  passed: cellsOf(PASSED),
};

function cellsOf(...faults: string[]): Cell[] {
  return faults.flatMap((fault) => ROLES.flatMap((role) => KINDS.map((kind) => ({ fault, role, kind }))));
}

const outcomes = new Map<string, Outcome>();
const nameOf = ({ fault, role, kind }: Cell) => `${fault}: ${role}, ${kind}`;
const worlds: World[] = [];

async function start(options: Parameters<typeof World.start>[0]): Promise<World> {
  const world = await World.start(options);
  worlds.push(world);
  await limitToNamespaces(world);
  return world;
}

type Run = (cells: readonly Cell[], name: string) => Promise<Outcome[]>;

/** Runs cells in waves, one after the other. */
async function run(name: string, cells: readonly Cell[], wave: Run): Promise<void> {
  for (let start = 0; start < cells.length; start += AT_ONCE) {
    const some = cells.slice(start, start + AT_ONCE);
    const began = Date.now();
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const found = await wave(some, `${name}-${start / AT_ONCE}`);
    delay.disable();
    for (const [index, cell] of some.entries()) outcomes.set(nameOf(cell), found[index] as Outcome);
    const [took, stall] = [(Date.now() - began) / 1000, delay.max / 1e6];
    console.log(
      `wave ${name} of ${some.length}: ${took.toFixed(0)} s, this process stood still for ${stall.toFixed(0)} ms at most`,
    );
  }
}

// Pods add nothing here, so no nodes are played.
beforeAll(async () => {
  const oneKind = async () => {
    const world = await start({ kwokNodes: 0, scheduler: false, controllerManager: false });
    await run('one-kind', ROWS.oneKind, (cells, name) => faultsOfOneKind(world, name, cells));
  };
  const everything = async () => {
    const world = await start({ kwokNodes: 0, scheduler: false });
    await run('killed', ROWS.killed, (cells, name) => apiServerKilled(world, name, cells));
    await run('older', ROWS.older, (cells, name) => etcdRestored(world, name, cells, false));
    await run('passed', ROWS.passed, (cells, name) => etcdRestored(world, name, cells, true));
  };
  const failures = (await Promise.allSettled([oneKind(), everything()])).filter(({ status }) => status === 'rejected');
  if (failures.length > 0) console.error(failures);
}, 900_000);
afterAll(() => Promise.all(worlds.map((world) => world[Symbol.asyncDispose]())));

test.each(Object.values(ROWS).flat())('$fault: $role, $kind', (cell) => {
  const outcome = outcomes.get(nameOf(cell));
  console.log(
    `${nameOf(cell)}: ${outcome?.leaderlessMs.toFixed(0)} ms without a leader, served after ${outcome?.servedAfterMs} ms`,
  );
  expect(outcome?.findings, outcome?.log).toEqual(HELD);
});
