/**
 * How long work that shares the event loop may run before the loop gets a turn, in milliseconds. Timers, sockets, the
 * answers to health checks and the renewal of the Lease are served in between.
 */
const SHARE_MS = 12;

/** When the work of this turn began, monotonic milliseconds; undefined: none has since the loop's last turn. */
let beganAt: number | undefined;
/** Work for the next turn, in the order it was put off. */
const putOff: (() => void)[] = [];

/**
 * Whether work has used its share of the event loop since the loop's last turn. Ask before each piece of work that may
 * take milliseconds and awaits nothing real; if so, do the rest in nextTurn(). All of the process share one share.
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
 * Calls `work` when the event loop has had a turn. Of several that wait the first goes first, and those for which no
 * time is left go before it the next time.
 */
export function nextTurn(work: () => void): void {
  // Sees to it that there is a next turn.
  loopShareUsed();
  putOff.push(work);
}

/**
 * Calls `work` when everything is done that can be done in microtasks, that is, until what goes on awaits something real.
 * Only then is known how long that took. The event loop gets no turn for it.
 */
export function afterMicrotasks(work: () => void): void {
  // A tick asked for in a tick would come before the microtasks, one asked for in a microtask comes after all of them.
  queueMicrotask(() => process.nextTick(work));
}

/** Gives the event loop a turn if one is due. For loops over thousands of things: await it every few of them. */
export async function shareLoop(): Promise<void> {
  if (loopShareUsed()) await new Promise<void>((resolve) => nextTurn(resolve));
}

function turn(): void {
  beganAt = undefined;
  resume();
}

function resume(): void {
  const work = putOff.shift();
  if (work === undefined) return;
  // Begins the share of this turn.
  loopShareUsed();
  work();
  afterMicrotasks(() => {
    if (putOff.length > 0 && !loopShareUsed()) resume();
  });
}
