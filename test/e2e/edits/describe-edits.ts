import { afterAll, beforeAll, expect, test } from 'vitest';
import { FrontObserver } from '../../support/front-observer.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { volume } from '../../support/volume.ts';
import { STORAGE_CLASS } from './random-edits.ts';
import { runEdits, type Sequence } from './run-edits.ts';

/**
 * Declares the test that a RestAPI shows no trace of its history. `EDIT_SEED` repeats a run, `EDIT_SEQUENCES` sets the number
 * of sequences: sequence n has the seed `EDIT_SEED` + n.
 */
export function describeEdits(defaults: { sequences: number; parallel: number }): void {
  const first = Number(process.env.EDIT_SEED ?? Date.now() % 1_000_000);
  const sequences = Number(process.env.EDIT_SEQUENCES ?? defaults.sequences);

  let world: OperatorCluster;
  let observer: FrontObserver;
  beforeAll(async () => {
    world = await OperatorCluster.start({ kwokNodes: 4, audit: false });
    await world.startOperator();
    // Once, as sequences run in parallel.
    const [storageClass = {}] = volume(STORAGE_CLASS);
    await world.apply(storageClass);
    observer = await FrontObserver.start(world);
  });
  afterAll(async () => {
    await observer?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  test(`after 20 random edits a RestAPI equals a fresh one of its spec, and it served all the time (${sequences} sequences from seed ${first})`, async () => {
    const seeds = Array.from({ length: sequences }, (_, index) => first + index);
    const failures: string[] = [];
    const work = async () => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        const found = await runEdits(world, observer, seed).catch(String);
        failures.push(...(typeof found === 'string' ? [found] : report(found)));
      }
    };
    await Promise.all(Array.from({ length: defaults.parallel }, work));
    expect(failures).toEqual([]);
  }, 1_200_000);
}

function report({ seed, edits, differences, outages }: Sequence): string[] {
  if (differences.length + outages.length === 0) return [];
  return [[`seed ${seed}`, ...differences, ...outages, ...edits].join('\n')];
}
