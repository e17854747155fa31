import type { Verb } from './verb.ts';
import { completion } from './verbs/completion.ts';
import { diff } from './verbs/diff.ts';
import { events } from './verbs/events.ts';
import { restart } from './verbs/restart.ts';
import { status } from './verbs/status.ts';
import { wait } from './verbs/wait.ts';

/** Every verb, in the order in which help shows them. */
export const VERBS: readonly Verb[] = [status, events, restart, wait, diff, completion];
