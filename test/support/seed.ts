/**
 * The seed of what a test makes up at random: `TEST_SEED` if it is set, else another one each time. It is printed, so that a run
 * can be repeated. Properties of fast-check take the same variable, see test/runner/fast-check-seed.ts.
 */
export function seedOf(what: string): number {
  const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  if (!Number.isInteger(seed)) throw new Error(`TEST_SEED is "${process.env.TEST_SEED}": it must be an integer`);
  console.log(`seed of ${what}: ${seed} (TEST_SEED=${seed} repeats it)`);
  return seed;
}
