// Repeats a property that failed: fast-check prints the seed and the counterexample of a failure, and `TEST_SEED` takes the seed.

const { TEST_SEED } = process.env;
if (TEST_SEED) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(TEST_SEED) });
}
