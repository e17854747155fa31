import { abortable } from '../../operator/async/abortable.ts';
import type { Screen } from '../terminal/screen.ts';
import { type StepState, stepLines } from '../terminal/step-lines.ts';
import { duration } from '../terminal/text.ts';

/** A step of the start. */
export interface Step {
  title: string;
  /** @param report shows the current activity in a few words */
  run: (report: (text: string) => void) => Promise<void>;
  /** The remedy if it fails, unless the error has one. */
  remedy?: string;
}

/** A step failed. The message has its title, the cause and the remedy. */
export class StepError extends Error {
  override readonly name = 'StepError';

  constructor({ title, remedy }: Step, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Step failed: ${title}\n${why}${remedy === undefined ? '' : `\n${remedy}`}`, { cause });
  }
}

const FRAME_MS = 100;
/** Without a terminal, a line in this interval shows that a step is still running, in milliseconds. */
const STILL_MS = 60_000;

/**
 * Runs steps one after the other and shows their progress: with spinners on a terminal, line by line elsewhere.
 * @throws StepError if one fails; the signal's reason when it aborts
 */
export async function runSteps(steps: readonly Step[], screen: Screen, signal: AbortSignal): Promise<void> {
  const states = steps.map(({ title }): StepState => ({ title, state: 'waiting' }));
  const draw = () => screen.draw(stepLines(states, Date.now(), screen.viewport));
  const spinner = screen.live ? setInterval(draw, FRAME_MS) : undefined;
  try {
    for (const [at, step] of steps.entries()) {
      if (!screen.live) screen.print([`[${at + 1}/${steps.length}] ${step.title}`]);
      await runStep(step, states[at] as StepState, screen, signal);
    }
  } finally {
    clearInterval(spinner);
    if (screen.live) draw();
    screen.keepFrame();
  }
}

async function runStep(step: Step, state: StepState, screen: Screen, signal: AbortSignal): Promise<void> {
  state.startedMs = Date.now();
  state.state = 'running';
  let stillTimer: NodeJS.Timeout | undefined;
  const report = (detail: string) => {
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
    await abortable(step.run(report), signal);
    state.state = 'done';
  } catch (error) {
    state.state = signal.aborted ? 'interrupted' : 'failed';
    throw signal.aborted ? signal.reason : new StepError(step, error);
  } finally {
    clearInterval(stillTimer);
    state.endedMs = Date.now();
  }
}
