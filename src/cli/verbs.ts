import type { Verb } from './verb.ts';
import { abort } from './verbs/abort.ts';
import { advice } from './verbs/advice.ts';
import { completion } from './verbs/completion.ts';
import { diff } from './verbs/diff.ts';
import { events } from './verbs/events.ts';
import { history } from './verbs/history.ts';
import { pause } from './verbs/pause.ts';
import { promote } from './verbs/promote.ts';
import { restart } from './verbs/restart.ts';
import { resume } from './verbs/resume.ts';
import { retry } from './verbs/retry.ts';
import { rollback } from './verbs/rollback.ts';
import { status } from './verbs/status.ts';
import { wait } from './verbs/wait.ts';

/** Every verb, in the order in which help shows them. */
export const VERBS: readonly Verb[] = [
  status,
  events,
  history,
  advice,
  promote,
  pause,
  resume,
  abort,
  rollback,
  retry,
  restart,
  wait,
  diff,
  completion,
];
