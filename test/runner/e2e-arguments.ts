const PEERS = '--peers';

/**
 * Returns the arguments of vitest for those of `npm run e2e`: the project `peers` with `--peers`, else the project `load`. Other
 * arguments, such as the name of a test file, are passed on.
 */
export function e2eArguments(given: readonly string[]): string[] {
  const project = given.includes(PEERS) ? 'peers' : 'load';
  return ['run', '--project', project, ...given.filter((argument) => argument !== PEERS)];
}
