/** The oldest Node that this package supports, as in `engines.node` of package.json (a test compares them). */
export const OLDEST_NODE = '22.19';

/**
 * Returns whether this Node is new enough; otherwise prints that it is not and sets exit code 1.
 *
 * Entry points call this before they import anything else, which an old Node may fail to load. So this file imports
 * nothing and uses no recent syntax.
 */
export function requireNode(program: string): boolean {
  const problem = nodeProblem(program, process.versions.node);
  if (problem === undefined) return true;
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
  return false;
}

/** Returns what to print if a version of Node is too old, otherwise undefined. */
export function nodeProblem(program: string, version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `${program} needs Node ${OLDEST_NODE} or newer, this is ${version}`;
}
