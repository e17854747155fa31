/**
 * How long work may run before it yields to the event loop, in milliseconds. Timers, sockets, health checks and the renewal of
 * the Lease are served in between.
 */
const SHARE_MS = 12;

/** When the work of this turn began, monotonic milliseconds; undefined: no work since the loop's last turn. */
let beganAt: number | undefined;
/** Work deferred to the next turn, in order. */
const deferred: (() => void)[] = [];

/**
 * Whether work has used its share of the event loop since the loop's last turn. Check before each piece of work that may take
 * milliseconds without awaiting I/O; if so, do the rest in nextTurn(). The whole process has one share.
 */
export function loopShareUsed(): boolean {
  const now = performance.now();
  if (beganAt === undefined) {
    beganAt = now;
    setImmediate(turn);
  }
  return now - beganAt >= SHARE_MS;
}

/**
 * Calls `work` after the next turn of the event loop, in order of arrival. Work for which no time is left keeps its place in the
 * queue.
 */
export function nextTurn(work: () => void): void {
  // Schedules the next turn.
  loopShareUsed();
  deferred.push(work);
}

/**
 * Calls `work` when all microtasks are done, that is, when running work awaits I/O or a timer. Only then is it known how long
 * that work took. The event loop gets no turn for it.
 */
export function afterMicrotasks(work: () => void): void {
  // nextTick() within a tick runs before the microtasks, within a microtask after all of them.
  queueMicrotask(() => process.nextTick(work));
}

/** Yields to the event loop if its turn is due. Await it every few items in loops over thousands. */
export async function shareLoop(): Promise<void> {
  if (loopShareUsed()) await new Promise<void>((resolve) => nextTurn(resolve));
}

function turn(): void {
  beganAt = undefined;
  resume();
}

function resume(): void {
  const work = deferred.shift();
  if (work === undefined) return;
  // Starts the share of this turn.
  loopShareUsed();
  work();
  afterMicrotasks(() => {
    if (deferred.length > 0 && !loopShareUsed()) resume();
  });
}
