/** Limit of actions a minute for all RestAPIs together. */
export const ACTIONS_PER_MINUTE = 5;
export const MINUTE_MS = 60_000;

/** A started action. */
export interface StartedAction {
  namespace: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** Whether a namespace may start an action now. `until`: when that changes at the earliest, milliseconds. */
export type Share = { allowed: true } | { allowed: false; spent: 'pool' | 'share' | 'turn'; until: number };

/** When a namespace that lets others go first asks again, milliseconds. */
const TURN_MS = 5_000;

/**
 * Divides the actions a minute fairly between namespaces. Pure; all it needs is in the statuses. Two rules:
 *
 * - A namespace may only start an action while more of the pool is free than it used itself in the last minute. So one
 *   alone gets three of five, and a newcomer always finds one free, unless three others are being healed.
 * - Of those that wait, the one whose last action is the longest ago goes first. So none starves, however many wait.
 *
 * @param actions those of the last minute at least; older ones decide whose turn it is
 * @param waiting since when a RestAPI of a namespace has been held for this reason, milliseconds
 */
export function shareOf(
  namespace: string,
  actions: readonly StartedAction[],
  waiting: ReadonlyMap<string, number>,
  now: number,
): Share {
  // A clock that ran ahead leaves future times; they count as well.
  const recent = actions.filter(({ at }) => now - at < MINUTE_MS).sort((a, b) => a.at - b.at);
  const isAllowedAfter = (index: number) => {
    const left = recent.slice(index);
    const own = left.filter((action) => action.namespace === namespace).length;
    return own < ACTIONS_PER_MINUTE - left.length;
  };
  if (!isAllowedAfter(0)) {
    const spent = recent.length >= ACTIONS_PER_MINUTE ? 'pool' : 'share';
    const index = recent.findIndex((_action, at) => isAllowedAfter(at + 1));
    return { allowed: false, spent, until: (recent[index]?.at ?? now) + MINUTE_MS };
  }
  const last = lastActions(actions);
  const before = (a: string, b: string) =>
    (last.get(a) ?? 0) - (last.get(b) ?? 0) || (waiting.get(a) ?? now) - (waiting.get(b) ?? now) || (a < b ? -1 : 1);
  const others = [...waiting.keys()].filter((other) => other !== namespace && before(other, namespace) < 0);
  if (others.length < ACTIONS_PER_MINUTE - recent.length) return { allowed: true };
  return { allowed: false, spent: 'turn', until: now + TURN_MS };
}

function lastActions(actions: readonly StartedAction[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const { namespace, at } of actions) last.set(namespace, Math.max(at, last.get(namespace) ?? 0));
  return last;
}
