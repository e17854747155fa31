/**
 * Gives the event loop so many turns: what can go on without waiting for anything outside of this process has gone on by then.
 * Unlike a pause of some milliseconds, it means the same on a machine that gives this process no time.
 */
export async function loopTurns(count = 100): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
