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

/** Fault × role × kind. Cells of one row run at once on one cluster; rows of one cluster follow one another. */
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

async function run(cells: readonly Cell[], wave: (cells: readonly Cell[]) => Promise<Outcome[]>): Promise<void> {
  const found = await wave(cells);
  for (const [index, cell] of cells.entries()) outcomes.set(nameOf(cell), found[index] as Outcome);
}

// Pods add nothing here, so no nodes are played.
beforeAll(async () => {
  const oneKind = async () => {
    const world = await start({ kwokNodes: 0, scheduler: false, controllerManager: false });
    await run(ROWS.oneKind, (cells) => faultsOfOneKind(world, cells));
  };
  const everything = async () => {
    const world = await start({ kwokNodes: 0, scheduler: false });
    await run(ROWS.killed, (cells) => apiServerKilled(world, cells));
    await run(ROWS.older, (cells) => etcdRestored(world, cells, false));
    await run(ROWS.passed, (cells) => etcdRestored(world, cells, true));
  };
  const failures = (await Promise.allSettled([oneKind(), everything()])).filter(({ status }) => status === 'rejected');
  if (failures.length > 0) console.error(failures);
}, 600_000);
afterAll(() => Promise.all(worlds.map((world) => world[Symbol.asyncDispose]())));

test.each(Object.values(ROWS).flat())('$fault: $role, $kind', (cell) => {
  const outcome = outcomes.get(nameOf(cell));
  console.log(`${nameOf(cell)}: led after ${outcome?.ledAfterMs} ms, served after ${outcome?.servedAfterMs} ms`);
  expect(outcome?.findings, outcome?.log).toEqual(HELD);
});
