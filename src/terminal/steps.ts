import { abortable } from './abortable.ts';
import type { Screen } from './screen.ts';
import { type StepState, stepLines } from './step-lines.ts';
import { duration } from './text.ts';

/** One thing to do before the table can be shown. */
export interface Step {
  title: string;
  /** @param say tells in a few words what is being done right now */
  run: (say: (text: string) => void) => Promise<void>;
  /** What a person can do if it fails, unless the error says that. */
  remedy?: string;
}

/** A step failed. The message says which, why, and what to do. */
export class StepError extends Error {
  override readonly name = 'StepError';

  constructor({ title, remedy }: Step, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`This step failed: ${title}\n${why}${remedy === undefined ? '' : `\n${remedy}`}`, { cause });
  }
}

const FRAME_MS = 100;
/** Where nothing spins, a line this often shows that a long step still goes on, milliseconds. */
const STILL_MS = 60_000;

/**
 * Does the steps one after the other and shows how far they are: with spinners on a terminal, line by line elsewhere.
 * @throws StepError if one fails; the signal's reason when it aborts
 */
export async function runSteps(steps: readonly Step[], screen: Screen, signal: AbortSignal): Promise<void> {
  const states = steps.map(({ title }): StepState => ({ title, state: 'waiting' }));
  const draw = () => screen.draw(stepLines(states, Date.now(), screen.look));
  const spinner = screen.live ? setInterval(draw, FRAME_MS) : undefined;
  try {
    for (const [at, step] of steps.entries()) {
      if (!screen.live) screen.print([`[${at + 1}/${steps.length}] ${step.title}`]);
      await runStep(step, states[at] as StepState, screen, signal);
    }
  } finally {
    clearInterval(spinner);
    if (screen.live) draw();
    screen.settle();
  }
}

async function runStep(step: Step, state: StepState, screen: Screen, signal: AbortSignal): Promise<void> {
  state.startedMs = Date.now();
  state.state = 'running';
  let stillTimer: NodeJS.Timeout | undefined;
  const say = (detail: string) => {
    if (state.detail === detail || state.state !== 'running') return;
    const since = Date.now();
    Object.assign(state, { detail, detailSinceMs: since });
    if (screen.live) return;
    screen.print([`      ${detail}`]);
    clearInterval(stillTimer);
    stillTimer = setInterval(() => screen.print([`      still ${detail} (${duration(Date.now() - since)})`]), STILL_MS);
  };
  try {
    signal.throwIfAborted();
    await abortable(step.run(say), signal);
    state.state = 'done';
  } catch (error) {
    state.state = signal.aborted ? 'interrupted' : 'failed';
    throw signal.aborted ? signal.reason : new StepError(step, error);
  } finally {
    clearInterval(stillTimer);
    state.endedMs = Date.now();
  }
}
